"""Columns computed from others: the derivations of mlops_assets.spec.TAKES, the same in training and in the router."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlops_assets.spec import Column

EARTH_RADIUS_KM = 6371.0088  # mean radius of the International Union of Geodesy and Geophysics
MINUTES_A_DAY = 1440
SECONDS_A_DAY = 86_400
SATURDAY = 5  # Monday is 0
CLOCK = r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:\.\d+)?)?"


def derive(frame: pd.DataFrame, columns: Mapping[str, Column]) -> pd.DataFrame:
    """A copy of the frame with every derived column whose sources are there.

    A row that lacks a source, or whose sources cannot be combined, lacks the derived value.
    """
    found = frame.copy(deep=False)
    for name, column in columns.items():
        if column.derive is not None and set(column.derive.of) <= set(found.columns):
            found[name] = TAKE[column.derive.take](*(found[source] for source in column.derive.of))
    return found


def joined(dates: pd.Series, clocks: pd.Series) -> pd.Series:
    """Datetime of a day and a time of day such as 23:05 or 23:05:59; seconds are kept, fractions are not."""
    codes, texts = pd.factorize(clocks)  # a day has 1,440 minutes, however many rows there are
    parts = pd.Series(texts, dtype=object).astype(str).str.strip().str.extract(f"^{CLOCK}$").astype("float64")
    seconds = parts["hour"] * 3600 + parts["minute"] * 60 + parts["second"].fillna(0.0)
    spans = pd.to_timedelta(seconds, unit="s").to_numpy()
    missing = np.timedelta64("NaT", "ns")
    span = np.where(codes >= 0, spans[codes], missing) if len(spans) else np.full(len(codes), missing)
    return moments(dates).dt.normalize() + pd.Series(span, index=dates.index, dtype="timedelta64[ns]")


def minutes_between(start: pd.Series, end: pd.Series) -> pd.Series:
    """Minutes from `start` to `end`, negative when the end comes first."""
    # In microseconds: 64 bits count no more than 292 years of nanoseconds.
    first, last = (moments(each).to_numpy("datetime64[us]") for each in (start, end))
    return pd.Series((last - first) / np.timedelta64(1, "m"), index=start.index)


def clock_minutes_between(start: pd.Series, end: pd.Series) -> pd.Series:
    """Minutes a clock shows from `start` to `end`, 0 <= minutes < 1440: past midnight it is the next day."""
    return minutes_between(start, end) % MINUTES_A_DAY


def haversine_km(
    latitude_a: pd.Series, longitude_a: pd.Series, latitude_b: pd.Series, longitude_b: pd.Series
) -> pd.Series:
    """Great-circle distance in kilometres of two points given in degrees.

    Notes
    -----
    R. W. Sinnott, Virtues of the Haversine, Sky and Telescope 68 (2), 1984, p. 159:
    a = sin²(Δφ/2) + cos φ₁ cos φ₂ sin²(Δλ/2), d = 2 R asin(min(1, √a)).
    """
    phi_a, lambda_a, phi_b, lambda_b = (
        np.radians(degrees.astype("float64")) for degrees in (latitude_a, longitude_a, latitude_b, longitude_b)
    )
    a = np.sin((phi_b - phi_a) / 2) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin((lambda_b - lambda_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(a.clip(upper=1.0)))


def moments(values: pd.Series) -> pd.Series:
    """Datetimes as they are, texts read as ISO 8601; what cannot be read is missing."""
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return values
    return pd.to_datetime(values, format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)


def _part(of: Callable[[Any], pd.Series]) -> Callable[[pd.Series], pd.Series]:
    return lambda values: of(moments(values).dt).astype("float64")


def _share_of_day(time: Any) -> pd.Series:
    """How much of the day is over, 0 <= share < 1."""
    return (time.hour * 3600 + time.minute * 60 + time.second) / SECONDS_A_DAY


def _share_of_week(time: Any) -> pd.Series:
    """How much of the week is over, which begins on Monday at midnight."""
    return (time.weekday + _share_of_day(time)) / 7


def _share_of_year(time: Any) -> pd.Series:
    """How much of the calendar year is over, of 365 or 366 days."""
    return (time.dayofyear - 1 + _share_of_day(time)) / (365 + time.is_leap_year.astype("float64"))


def _on_circle(of: Callable[[Any], Any], share: Callable[[Any], pd.Series]) -> Callable[[pd.Series], pd.Series]:
    """Sine or cosine of a share of a circle, so that the end of a day, week or year lies beside its beginning."""
    return _part(lambda time: of(2 * np.pi * share(time)))


TAKE: dict[str, Callable[..., pd.Series]] = {
    "joined": joined,
    "hour": _part(lambda time: time.hour),
    "minute_of_day": _part(lambda time: time.hour * 60 + time.minute),
    "weekday": _part(lambda time: time.weekday),  # Monday is 0
    "day_of_month": _part(lambda time: time.day),
    "month": _part(lambda time: time.month),
    "is_weekend": _part(lambda time: (time.weekday >= SATURDAY).where(time.weekday.notna())),
    "day_of_year": _part(lambda time: time.dayofyear),
    "time_of_day_sin": _on_circle(np.sin, _share_of_day),
    "time_of_day_cos": _on_circle(np.cos, _share_of_day),
    "time_of_week_sin": _on_circle(np.sin, _share_of_week),
    "time_of_week_cos": _on_circle(np.cos, _share_of_week),
    "time_of_year_sin": _on_circle(np.sin, _share_of_year),
    "time_of_year_cos": _on_circle(np.cos, _share_of_year),
    "minutes_between": minutes_between,
    "clock_minutes_between": clock_minutes_between,
    "haversine_km": haversine_km,
}
