"""Scoring a large batch against a stored reference: beside a sort of its columns, Evidently's preset, and its own size.

python -m bench.drift [--quick]

`vs_sort`: seconds over those of np.sort on the batch's columns. `vs_evidently`: how many times Evidently takes.
`memory_vs_batch`: the peak of what scoring allocates, over the size of the batch. Seconds are the processor's, so
that busy neighbours do not count; none of the three uses a second one.
"""

import argparse
import json
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from bench.peers.evidently_runs import judge
from mlops_assets.drift.reference import Reference, build_reference
from mlops_assets.drift.score import score_drift
from mlops_assets.spec import UseCase

COLUMNS, ROUNDS, SMALL = 12, 7, 1_000


def main() -> None:
    """Print a table, then one JSON object of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="100,000 rows instead of 1,000,000, without Evidently")
    quick = parser.parse_args().quick
    rows = 100_000 if quick else 1_000_000
    rng = np.random.default_rng(0)
    use_case = numeric_use_case()
    trained, batch = (pd.DataFrame(rng.normal(size=(rows, COLUMNS)), columns=list(use_case.columns)) for _ in range(2))
    start = time.process_time()
    built = build_reference(trained, use_case)
    building = time.process_time() - start
    data = built.to_bytes()
    reference = Reference.from_bytes(data)
    seconds = alternated(
        {
            "np.sort of the batch": lambda: sort_all(batch),
            "score_drift": lambda: score_drift(reference, batch, use_case.drift),
            f"score_drift of {SMALL:,} rows": lambda: score_drift(reference, batch[:SMALL], use_case.drift),
            "Reference.from_bytes": lambda: Reference.from_bytes(data),
        }
    )
    memory = peak(lambda: score_drift(reference, batch, use_case.drift)) / batch.memory_usage(index=False).sum()
    print(f"{rows:,} rows x {COLUMNS} numeric columns, best of {ROUNDS}; the reference takes {len(data) / 1e6:.2f} MB")
    if not quick:
        seconds["Evidently's preset"] = time_evidently(trained, batch)
    for name, value in {**seconds, "build_reference, once": building}.items():
        print(f"  {name:<26}{1000 * value:10.1f} ms  {value / seconds['np.sort of the batch']:7.2f} x the sort")
    print(f"  peak memory of score_drift: {memory:.2f} x the batch")
    ratios = {"vs_sort": seconds["score_drift"] / seconds["np.sort of the batch"], "memory_vs_batch": memory}
    if not quick:
        ratios["vs_evidently"] = seconds["Evidently's preset"] / seconds["score_drift"]
    small = 1000 * seconds[f"score_drift of {SMALL:,} rows"]
    print(json.dumps({name: round(value, 3) for name, value in ratios.items()} | {"small_ms": round(small, 1)}))


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


def sort_all(frame: pd.DataFrame) -> None:
    """Sort each column, the least that an exact distance of it needs."""
    for name in frame:
        np.sort(frame[name].to_numpy())


def alternated(runs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Processor seconds of the fastest of a few rounds each, in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            start = time.process_time()
            run()
            seconds[name].append(time.process_time() - start)
    return {name: min(found) for name, found in seconds.items()}


def peak(run: Callable[[], object]) -> float:
    """Bytes that a call allocates at most at one time."""
    tracemalloc.start()
    try:
        run()
        return float(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


def time_evidently(trained: pd.DataFrame, batch: pd.DataFrame) -> float:
    """Seconds of Evidently's preset on the same rows, without reading them."""
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder) / f"{name}.npy" for name in ("trained", "batch")]
        for place, frame in zip(places, (trained, batch), strict=True):
            np.save(place, frame.to_numpy())
        return float(judge(places[0], [places[1]])[0]["seconds"])


if __name__ == "__main__":
    main()
