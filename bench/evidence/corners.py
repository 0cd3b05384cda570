"""Tables that make naive rules ring without drift: constant columns, rare labels, many columns, few rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from bench.evidence.watch import first_alarm
from mlops_assets.drift.reference import build_reference
from mlops_assets.spec import UseCase

BATCHES, ROWS = 12, 200

Draw = Callable[[np.random.Generator, int], pd.DataFrame]


def wide(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """128 columns with one cause in common."""
    cause = rng.normal(size=(n, 1))
    return pd.DataFrame(0.5 * cause + rng.standard_t(4, size=(n, 128)), columns=[f"x{at}" for at in range(128)])


def constant(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Constant, nearly constant and ordinary columns."""
    rare = np.where(rng.random(n) < 0.002, 9.0, 1.0)
    return pd.DataFrame({"x0": np.full(n, 5.0), "x1": rare, "x2": rng.normal(size=n)})


def rare(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """A category of 150 labels, most of them rare, one of 5,000, and a number."""
    few, many = rng.zipf(1.6, n) % 150, rng.integers(0, 5000, n)
    return pd.DataFrame({"c0": few.astype(str), "c1": many.astype(str), "x2": rng.normal(size=n)})


CORNERS: dict[str, tuple[Draw, int]] = {
    "128 columns, 850 reference rows": (wide, 850),
    "constant columns, 4,000 rows": (constant, 4000),
    "rare labels, 4,000 rows": (rare, 4000),
}


def use_case_of(frame: pd.DataFrame) -> UseCase:
    """A use case for the columns of a frame; the last one is the target."""
    columns = {name: {"kind": "category" if name.startswith("c") else "numeric"} for name in frame}
    return UseCase.model_validate(
        {
            "name": "corner",
            "description": "columns without a meaning",
            "task": "regression",
            "target": list(frame)[-1],
            "format": {"kind": "parquet"},
            "columns": columns,
            "training": {"metric": "mae"},
            "decision": {"loss": "absolute"},
        }
    )


def measure(quick: bool) -> dict[str, Any]:
    """Print the share of streams with an alarm in each corner."""
    references, streams = (2, 5) if quick else (20, 10)
    print(f"streams of {BATCHES} batches of {ROWS} rows without drift")
    for name, (draw, rows) in CORNERS.items():
        rates = [corner(draw, rows, seed, streams) for seed in range(references)]
        error = np.std(rates, ddof=1) / np.sqrt(references)
        print(f"  {name:<36} observed {np.mean(rates):.4f} +- {error:.4f} over {references * streams} streams")
    return {}


def corner(draw: Draw, rows: int, seed: int, streams: int) -> float:
    """Share of streams against one reference that ever alarm."""
    rng = np.random.default_rng([rows, seed])
    trained = draw(rng, rows)
    reference = build_reference(trained, use_case_of(trained), random_state=seed)
    alarms = [first_alarm(reference, [draw(rng, ROWS) for _ in range(BATCHES)]) for _ in range(streams)]
    return float(np.mean([alarm is not None for alarm in alarms]))
