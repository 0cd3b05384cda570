"""How often one batch with a shift alarms, under the promise that null_streams measures."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.evidence.population import SHIFTS, draw, draw_latent, shaped, use_case
from bench.evidence.watch import POLICY, glance
from mlops_assets.drift.budget import alpha_of, split
from mlops_assets.drift.reference import build_reference

REFERENCE = 4000
NUMBERS = (1, 26, 52)  # of the batch in its champion's life: the limit rises with it


def measure(quick: bool) -> dict[str, Any]:
    """Print the power of each shift at the first, the 26th and the 52nd batch; returns that at the 26th."""
    references, batches = (4, 25) if quick else (20, 50)
    alphas = [alpha_of(number, split(POLICY.alpha)[0]) for number in NUMBERS]
    found: dict[str, list[NDArray[np.float64]]] = {name: [] for name in SHIFTS}
    for seed in range(references):
        rng = np.random.default_rng([7, seed])
        reference = build_reference(draw(rng, REFERENCE), use_case(), random_state=seed)
        for name, (shift, rows, _) in SHIFTS.items():
            limits = [reference.limits.limit(rows, alpha) for alpha in alphas]
            scores = []
            for _ in range(batches):
                latent = draw_latent(rng, rows)
                scores.append(glance(reference, shift(shaped(latent, rng), latent, rng)).score)
            found[name].append((np.array(scores)[:, None] > limits).mean(axis=0))
    print(f"power of one batch at a reference of {REFERENCE}, as batch number {', '.join(map(str, NUMBERS))}")
    for name, (_, rows, due) in SHIFTS.items():
        power, error = np.mean(found[name], axis=0), np.std(found[name], axis=0, ddof=1) / np.sqrt(references)
        values = "  ".join(f"{one:.3f} +- {spread:.3f}" for one, spread in zip(power, error, strict=True))
        print(f"  {name:<36}{rows:>5} rows  {values}  due {'-' if due is None else due}")
    return {"power": {name: round(float(np.mean(rates, axis=0)[1]), 3) for name, rates in found.items()}}
