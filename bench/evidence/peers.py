"""Evidently's default preset on the same batches: its any-column rule, and its rule of half of the columns."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.evidence.population import SHIFTS, draw, draw_latent, shaped, use_case
from bench.evidence.watch import POLICY, glance
from bench.peers.evidently_runs import judge
from mlops_assets.drift.budget import alpha_of, split
from mlops_assets.drift.reference import build_reference

REFERENCE, BATCHES = 4000, 25
ROWS = (100, 500)
HALF = 0.5  # of the columns: what the preset calls drift of the data


def measure(quick: bool) -> dict[str, Any]:
    """Print shares of batches that alarm, ours beside Evidently's; nothing where it would have to be installed."""
    if quick:
        print("Evidently beside ours: left out of the short form, which installs nothing")
        return {}
    rng = np.random.default_rng(11)
    trained = draw(rng, REFERENCE)
    cases = {f"no drift, {rows} rows": [draw(rng, rows) for _ in range(BATCHES)] for rows in ROWS}
    for name, (shift, rows, _) in SHIFTS.items():
        latents = [draw_latent(rng, rows) for _ in range(BATCHES)]
        cases[f"{name}, {rows} rows"] = [shift(shaped(latent, rng), latent, rng) for latent in latents]
    judged = _evidently(trained, [frame for frames in cases.values() for frame in frames])
    reference = build_reference(trained, use_case())
    print(f"shares of {BATCHES} batches that alarm, against one reference of {REFERENCE}: ours, Evidently any, half")
    for at, (name, frames) in enumerate(cases.items()):
        limit = [reference.limits.limit(len(frame), alpha_of(1, split(POLICY.alpha)[0])) for frame in frames]
        ours = [glance(reference, frame).score > due for frame, due in zip(frames, limit, strict=True)]
        theirs = judged[at * BATCHES : (at + 1) * BATCHES]
        any_column = np.mean([one["drifted"] > 0 for one in theirs])
        half = np.mean([one["share"] >= HALF for one in theirs])
        print(f"  {name:<46}{np.mean(ours):6.2f}{any_column:10.2f}{half:10.2f}")
    return {}


def _evidently(trained: pd.DataFrame, frames: list[pd.DataFrame]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder) / f"{at}.csv" for at in range(len(frames) + 1)]
        for place, frame in zip(places, [trained, *frames], strict=True):
            frame.to_csv(place, index=False)
        return judge(places[0], places[1:])
