"""Each engine against a plain scikit-learn loop over the same candidates, folds and metrics, in one run.

python -m bench.automl [--quick]
"""

import argparse
import json
import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_validate
from threadpoolctl import threadpool_limits

from mlops_assets.training.budget import Budget
from mlops_assets.training.candidate import Candidate
from mlops_assets.training.candidates import build_candidates, describe_problem
from mlops_assets.training.engines import ENGINES
from mlops_assets.training.engines.protocol import Comparison
from mlops_assets.training.folds import make_folds
from mlops_assets.use_cases.load import check_use_case

ROWS, QUICK_ROWS, COLUMNS = 6500, 1500, 11
ROUNDS = 3
SCORING = ["accuracy", "balanced_accuracy", "f1_macro", "neg_log_loss"]


def main() -> None:
    """Print a table, then one JSON object of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS} rows instead of {ROWS}, one round")
    quick = parser.parse_args().quick
    candidates, comparison = problem(QUICK_ROWS if quick else ROWS)
    runs: dict[str, Callable[[], None]] = {"loop": lambda: loop(candidates, comparison)}
    for name, engine in ENGINES.items():
        runs[name] = lambda engine=engine: [engine(comparison)(candidates, Budget(1e6, time.perf_counter), silent)]
    with threadpool_limits(limits=1):
        for engine in ENGINES.values():  # imports are paid once a process, before the clock runs
            engine(comparison)(candidates[:1], Budget(1e6, time.perf_counter), silent)
        seconds = {name: [] for name in runs}
        for _ in range(1 if quick else ROUNDS):
            for name, run in runs.items():
                seconds[name].append(timed(run))
    report(seconds, len(comparison.y), len(candidates))


def problem(rows: int) -> tuple[list[Candidate], Comparison]:
    """Six classes of unequal size in eleven columns, and the candidates of the default families."""
    X, y = make_classification(
        rows, COLUMNS, n_informative=8, n_classes=6, weights=[0.02, 0.05, 0.33, 0.43, 0.14], random_state=0
    )
    names = [f"x{number}" for number in range(COLUMNS)]
    use_case = check_use_case(
        {
            "name": "bench",
            "description": "made up",
            "task": "classification",
            "target": "y",
            "format": {"kind": "parquet"},
            "columns": {name: {"kind": "numeric"} for name in [*names, "y"]},
            "training": {"metric": "accuracy"},
            "decision": {"loss": "zero_one"},
        },
        source="bench",
    )
    frame = pd.DataFrame(X, columns=names)
    folds = make_folds(y, use_case.task, use_case.training)
    comparison = Comparison(frame, y, folds, use_case.task, "accuracy", random_state=0)
    return build_candidates(describe_problem(frame, use_case), use_case), comparison


def loop(candidates: list[Candidate], comparison: Comparison) -> None:
    """What a person would write: cross_validate, one candidate after another."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for candidate in candidates:
            cross_validate(candidate.pipeline, comparison.X, comparison.y, cv=comparison.folds, scoring=SCORING)


def timed(run: Callable[[], None]) -> tuple[float, float]:
    """Wall and CPU seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - cpu


def report(seconds: dict[str, list[tuple[float, float]]], rows: int, candidates: int) -> None:
    """The fastest round of each: what else the machine does can only add to it."""
    print(f"{rows} rows x {COLUMNS} columns, {candidates} candidates, 5 folds")
    print(f"{'':10} {'wall s':>8} {'vs loop':>8} {'CPU s':>8} {'vs loop':>8}")
    best = {name: np.min(values, axis=0) for name, values in seconds.items()}
    ratios = {}
    for name, (wall, cpu) in best.items():
        of_wall, of_cpu = best[name] / best["loop"]
        print(f"{name:10} {wall:8.2f} {of_wall:8.2f} {cpu:8.2f} {of_cpu:8.2f}")
        if name != "loop":
            ratios |= {f"{name}_vs_loop": round(of_wall, 3), f"{name}_vs_loop_cpu": round(of_cpu, 3)}
    print(json.dumps(ratios))


def silent(_: str) -> None:
    """Nobody listens."""


if __name__ == "__main__":
    main()
