"""Scoring a large batch against sorting both sides: what drift costs beyond the sort that exact distances need.

python -m bench.drift [--quick]
"""

import argparse
import json
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from mlops_assets.drift.reference import Reference, build_reference
from mlops_assets.drift.score import score_drift
from mlops_assets.spec import UseCase

COLUMNS, ROUNDS = 12, 5


def main() -> None:
    """Print a table, then one JSON object of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100,000 rows instead of 1,000,000")
    rows = 100_000 if parser.parse_args().quick else 1_000_000
    rng = np.random.default_rng(0)
    use_case = numeric_use_case()
    trained, batch = (pd.DataFrame(rng.normal(size=(rows, COLUMNS)), columns=list(use_case.columns)) for _ in range(2))
    reference = build_reference(trained, use_case)
    data = reference.to_bytes()
    seconds = {
        "sort both sides": best(lambda: sort_all(trained, batch)),
        "score_drift": best(lambda: score_drift(reference, batch, use_case.drift)),
        "build_reference": best(lambda: build_reference(trained, use_case)),
        "Reference.from_bytes": best(lambda: Reference.from_bytes(data)),
    }
    print(f"{rows:,} rows x {COLUMNS} numeric columns, best of {ROUNDS}; the reference takes {len(data) / 1e6:.2f} MB")
    for name, value in seconds.items():
        print(f"  {name:<22}{1000 * value:9.1f} ms  {value / seconds['sort both sides']:6.2f} x the sort")
    print(json.dumps({"score_vs_sort": round(seconds["score_drift"] / seconds["sort both sides"], 3)}))


def numeric_use_case() -> UseCase:
    """A regression on numbers without a meaning."""
    return UseCase.model_validate(
        {
            "name": "bench",
            "description": "numbers without a meaning",
            "task": "regression",
            "target": "y",
            "format": {"kind": "parquet"},
            "columns": {**{f"x{at}": {"kind": "numeric"} for at in range(COLUMNS - 1)}, "y": {"kind": "numeric"}},
            "training": {"metric": "mae"},
            "decision": {"loss": "absolute"},
        }
    )


def sort_all(*frames: pd.DataFrame) -> None:
    """Sort each column of each frame, the least that exact distances of full samples need."""
    for frame in frames:
        for name in frame:
            np.sort(frame[name].to_numpy())


def best(run: Callable[[], object]) -> float:
    """Wall seconds of the fastest of a few rounds."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


if __name__ == "__main__":
    main()
