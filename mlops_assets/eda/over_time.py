"""The target over event time: its mean, or the shares of its classes, by equal spans."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from mlops_assets.spec import UseCase
from mlops_assets.windows.placing import window_starts

POINTS_MAX = 60
CLASSES_MAX = 5
STEPS = tuple(
    timedelta(seconds=seconds)
    for seconds in (
        60,
        300,
        900,
        3600,
        10_800,
        21_600,
        43_200,
        86_400,
        2 * 86_400,
        7 * 86_400,
        28 * 86_400,
        364 * 86_400,
    )
)


@dataclass(frozen=True)
class Point:
    """One span of event time: its labelled rows, and a value by name; of a mean, its standard error as well."""

    start: datetime
    rows: int
    values: dict[str, float]
    error: float | None


@dataclass(frozen=True)
class OverTime:
    """Points in the order of time, spans without a row left out; `names` are the lines, frequent classes first."""

    span: timedelta
    names: tuple[str, ...]
    points: tuple[Point, ...]


def target_over_time(frame: pd.DataFrame, use_case: UseCase) -> OverTime | None:
    """The target in at most POINTS_MAX spans; None without a time column, a time or a label."""
    if use_case.time is None or use_case.time not in frame or use_case.target not in frame:
        return None
    rows = frame[[use_case.time, use_case.target]].dropna()
    if rows.empty:
        return None
    span = _span(rows[use_case.time])
    groups = rows[use_case.target].groupby(window_starts(rows[use_case.time], span))
    if use_case.task == "regression":
        points = tuple(_mean_point(start, values) for start, values in groups)
        return OverTime(span, (f"mean {use_case.target}",), points)
    names = tuple(str(name) for name in rows[use_case.target].value_counts().index[:CLASSES_MAX])
    return OverTime(span, names, tuple(_share_point(start, values, names) for start, values in groups))


def _span(times: pd.Series) -> timedelta:
    whole = times.max().to_pydatetime() - times.min().to_pydatetime()
    return next((step for step in STEPS if whole / step < POINTS_MAX - 1), STEPS[-1])


def _mean_point(start: pd.Timestamp, values: pd.Series) -> Point:
    numbers = values.to_numpy(dtype=np.float64)
    error = float(numbers.std(ddof=1) / np.sqrt(len(numbers))) if len(numbers) > 1 else None
    return Point(start.to_pydatetime(), len(numbers), {f"mean {values.name}": float(numbers.mean())}, error)


def _share_point(start: pd.Timestamp, values: pd.Series, names: tuple[str, ...]) -> Point:
    shares = values.astype(str).value_counts(normalize=True)
    return Point(start.to_pydatetime(), len(values), {name: float(shares.get(name, 0.0)) for name in names}, None)
