"""The streams of the measurement as windows: both delivery files, and those that are made."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.streams.made import CHANGES, COLUMNS, made
from mlops_assets.decode.table import decode_batch
from mlops_assets.spec import UseCase
from mlops_assets.training.features import feature_frame, target_values
from mlops_assets.training.race.window import Window
from mlops_assets.use_cases.load import check_use_case, find_use_case

DELAY = pd.Timedelta("6h")  # of the made streams' labels
SEEDS = (0, 1)
TRIP_COLUMNS = {
    **{key: {"kind": "numeric"} for key in ("trip_distance", "passenger_count", "hour", "weekday")},
    **{key: {"kind": "category"} for key in ("PULocationID", "DOLocationID", "payment_type", "RatecodeID")},
    "lpep_pickup_datetime": {"kind": "datetime"},
    "minutes": {"kind": "numeric"},
}
FILE_WINDOW = 2_000  # rows of a window where the order of the file is the order of time


@dataclass(frozen=True)
class Stream:
    """A stream: its rows in the order of time, the window of each, and when its label was known."""

    name: str
    use_case: UseCase
    X: pd.DataFrame
    y: Any
    window: Any
    starts: Any
    known_at: Any

    def windows(self) -> Iterator[Window]:
        """Its windows in the order of time."""
        for number, start in enumerate(self.starts):
            rows = np.flatnonzero(self.window == number)
            yield Window(
                f"{start:%Y-%m-%d %H:%M}", start.to_datetime64(), self.X.iloc[rows], self.y[rows], self.known_at[rows]
            )


def streams(quick: bool, data: Path) -> Iterator[Stream]:
    """Ten made streams, and the delivery files where they are there; quick: half of them, of fewer rows."""
    for seed in SEEDS[:1] if quick else SEEDS:
        for change in CHANGES:
            yield _made(change, seed, *((24, 150) if quick else (30, 300)))
    if data.exists():
        keep = 8 if quick else 2
        yield _amazon(data, keep)
        trips = _trips(data)
        yield _by_pickup(trips, keep)
        yield _by_file(trips, keep)


def _made(change: str, seed: int, windows: int, rows: int) -> Stream:
    frame = made(change, seed, windows, rows)
    return _daily(f"{change} {seed}", _regression(COLUMNS, "minutes", "at"), frame, frame["at"] + DELAY)


def _amazon(data: Path, keep: int) -> Stream:
    """Orders by order time; a label is known once the parcel is there."""
    use_case = find_use_case("delivery_time", None, ["training.engine=lean", "training.folds=5"])
    frame = decode_batch((data / "amazon_delivery.csv").read_bytes(), use_case)
    frame = frame[frame["Ordered_At"].notna() & frame["Delivery_Time"].notna()]
    frame = frame.sort_values("Ordered_At", kind="stable")[::keep].reset_index(drop=True)
    known = frame["Ordered_At"] + pd.to_timedelta(frame["Delivery_Time"], unit="min")
    return _daily("amazon by order time", use_case, frame, known)


def _trips(data: Path) -> pd.DataFrame:
    """Trips of 1 to 60 minutes, in the order of the file."""
    trips = pd.read_parquet(data / "green_tripdata_2023-03.parquet")
    pickup, dropoff = trips["lpep_pickup_datetime"], trips["lpep_dropoff_datetime"]
    trips["minutes"] = (dropoff - pickup).dt.total_seconds() / 60
    trips["hour"], trips["weekday"] = pickup.dt.hour.astype(float), pickup.dt.weekday.astype(float)
    for name in ("PULocationID", "DOLocationID", "payment_type", "RatecodeID"):
        trips[name] = trips[name].map(lambda value: None if pd.isna(value) else str(int(value)))
    return trips[trips["minutes"].between(1, 60) & (pickup >= "2023-03-01") & (pickup < "2023-04-01")]


def _by_pickup(trips: pd.DataFrame, keep: int) -> Stream:
    frame = trips.sort_values("lpep_pickup_datetime", kind="stable")[::keep].reset_index(drop=True)
    use_case = _regression(TRIP_COLUMNS, "minutes", "lpep_pickup_datetime")
    return _daily("taxi by pickup time", use_case, frame, frame["lpep_dropoff_datetime"])


def _by_file(trips: pd.DataFrame, keep: int) -> Stream:
    """Windows of equal numbers of rows; a row comes a second after the one before, its label is known at once."""
    frame = trips.iloc[::keep].reset_index(drop=True)
    at = pd.Series(pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(len(frame)), unit="s"))
    size = FILE_WINDOW // keep
    window = np.arange(len(frame)) // size
    use_case = _regression(TRIP_COLUMNS, "minutes", "lpep_pickup_datetime")
    starts = [at.iloc[number * size] for number in range(window.max() + 1)]
    return _stream("taxi by file order", use_case, frame, window, starts, at)


def _daily(name: str, use_case: UseCase, frame: pd.DataFrame, known_at: pd.Series) -> Stream:
    days = frame[str(use_case.time)].dt.floor("D")
    starts, window = np.unique(days.to_numpy(), return_inverse=True)
    return _stream(name, use_case, frame, window, [pd.Timestamp(start) for start in starts], known_at)


def _stream(
    name: str, use_case: UseCase, frame: pd.DataFrame, window: Any, starts: list[pd.Timestamp], known_at: pd.Series
) -> Stream:
    X, y = feature_frame(frame, use_case), target_values(frame, use_case)
    return Stream(name, use_case, X, y, np.asarray(window), starts, known_at.to_numpy(dtype="datetime64[ns]"))


def _regression(columns: dict[str, Any], target: str, time: str) -> UseCase:
    return check_use_case(
        {
            "name": "bench",
            "description": "a stream",
            "task": "regression",
            "target": target,
            "time": time,
            "format": {"kind": "parquet"},
            "columns": columns,
            "training": {"engine": "lean", "metric": "mae", "order": "time", "folds": 5},
            "decision": {"loss": "absolute", "loss_max": 1000},
        },
        source="bench",
    )
