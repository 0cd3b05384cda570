"""Quality of the trained models on real data, beside what well-known AutoML tools reached on the same splits.

python -m bench.quality [--quick] [--data DIR] [--only NAME]
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

from mlops_assets.decode.table import decode_batch
from mlops_assets.spec import UseCase
from mlops_assets.training.automl import train
from mlops_assets.training.evaluation import evaluate
from mlops_assets.training.features import feature_frame, split_holdout, target_values
from mlops_assets.use_cases.load import check_use_case, find_use_case

BUDGETS = {"lean": 20, "pycaret": 60}  # CPU seconds
QUICK_BUDGETS = {"lean": 5}
ANCHORS = {
    "wine": {"accuracy": "FLAML 60 s 0.560, AutoGluon 0.566, forest 0.575", "log_loss": "AutoGluon 1.09, forest 1.34"},
    "amazon": {"mae": "FLAML 60 s 17.41, AutoGluon 17.21"},
    "taxi": {"mae": "FLAML 60 s 2.68"},
}
TARGETS = {("wine", "accuracy"): 0.56, ("wine", "log_loss"): 1.1, ("amazon", "mae"): 17.3, ("taxi", "mae"): 2.74}

Split = tuple[pd.DataFrame, pd.DataFrame, UseCase]


def main() -> None:
    """Print a table, then one JSON object of the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="5 s with engine lean")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with wine/ and deliveries/")
    parser.add_argument("--only", choices=SETS, help="one data set")
    asked = parser.parse_args()
    figures = {}
    for name in [asked.only] if asked.only else SETS:
        for engine, budget in (QUICK_BUDGETS if asked.quick else BUDGETS).items():
            figures |= run(name, engine, budget, asked.data)
    print(json.dumps(figures))


def run(name: str, engine: str, budget: float, data: Path) -> dict[str, float]:
    """Train on one part of a set, score on the other, print a line a metric."""
    known, held, use_case = SETS[name](data)
    settings = use_case.training.model_copy(update={"engine": engine, "budget_s": budget})
    use_case = use_case.model_copy(update={"training": settings})
    X, y = feature_frame(known, use_case), target_values(known, use_case)
    trained = train(X, y, use_case, lambda _: None, stopwatch=time.process_time)
    metrics = evaluate(trained.pipeline, feature_frame(held, use_case), target_values(held, use_case), use_case)
    figures = {}
    for metric, anchor in ANCHORS[name].items():
        figures[f"{name}_{engine}_{metric}"] = round(metrics[metric], 4)
        print(
            f"{name:7} {engine:8} {metric:9} {metrics[metric]:8.4f}  target {TARGETS[name, metric]:g}; {anchor}; "
            f"{trained.name}, {trained.seconds:.0f} CPU s, {len(known)} + {len(held)} rows",
            flush=True,
        )
    return figures


def wine(data: Path) -> Split:
    """Red and white together, duplicates removed, stratified 80/20; the rarest grades share a stratum."""
    use_case = find_use_case("wine_quality")
    files = [data / "wine" / f"winequality-{colour}.csv" for colour in ("red", "white")]
    frame = pd.concat([decode_batch(path.read_bytes(), use_case) for path in files]).drop_duplicates(ignore_index=True)
    strata = frame["quality"].clip(4, 8)
    known, held = train_test_split(frame, test_size=0.2, random_state=0, stratify=strata)
    return known, held, use_case


def amazon(data: Path) -> Split:
    """Deliveries in time order, the last fifth held out."""
    use_case = find_use_case("delivery_time")
    frame = decode_batch((data / "deliveries" / "amazon_delivery.csv").read_bytes(), use_case)
    return *split_holdout(frame[frame["Ordered_At"].notna()], use_case), use_case


def taxi(data: Path) -> Split:
    """Trips of 1 to 60 minutes in time order, the last fifth held out; known at the start, plus distance; no fares."""
    use_case = taxi_use_case()
    frame = decode_batch((data / "deliveries" / "green_tripdata_2023-03.parquet").read_bytes(), use_case)
    return *split_holdout(frame[frame["minutes"].between(1, 60)], use_case), use_case


def taxi_use_case() -> UseCase:
    """Minutes of a green taxi trip."""
    start = "lpep_pickup_datetime"
    codes = ["VendorID", "store_and_fwd_flag", "RatecodeID", "PULocationID", "DOLocationID", "trip_type"]
    parts = {"hour": "hour", "minute": "minute_of_day", "weekday": "weekday", "day": "day_of_month"}
    ends = [start, "lpep_dropoff_datetime"]
    columns = {name: {"kind": "datetime"} for name in ends} | {name: {"kind": "category"} for name in codes}
    columns |= {name: {"kind": "numeric"} for name in ("passenger_count", "trip_distance")}
    columns |= {name: {"kind": "numeric", "derive": {"take": take, "of": [start]}} for name, take in parts.items()}
    columns["minutes"] = {"kind": "numeric", "derive": {"take": "minutes_between", "of": ends}}
    return check_use_case(
        {
            "name": "taxi",
            "description": "minutes of a trip",
            "task": "regression",
            "target": "minutes",
            "time": start,
            "format": {"kind": "parquet"},
            "columns": columns,
            "training": {"metric": "mae", "order": "time", "folds": 3},
            "decision": {"loss": "absolute", "loss_max": 60},
        },
        source="bench.quality",
    )


SETS: dict[str, Callable[[Path], Split]] = {"wine": wine, "amazon": amazon, "taxi": taxi}

if __name__ == "__main__":
    main()
