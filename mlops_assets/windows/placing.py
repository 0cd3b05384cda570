"""Rows placed into windows, and which windows a watermark closes.

The watermark is the newest event time that has arrived, less the lateness that the use case allows: no row older than
it is expected any more. A window is closed once the watermark has reached its end. A batch arrives as a whole: its rows
of a window are late when the batches before it had closed that window.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from mlops_assets.windows.tumbling import EPOCH, Window

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Placed:
    """How many rows of a batch each window holds, how many have no event time, and the newest of those times.

    rows : counts above 0 by window, in the order of time
    """

    rows: dict[Window, int]
    untimed: int
    newest: datetime | None


def window_starts(times: pd.Series, length: timedelta) -> pd.Series:
    """Start of the window that holds each time, NaT where there is none.

    Parameters
    ----------
    times : Series of datetime64[ns], shape (n_rows,), without time zone (UTC)
    """
    step = length // MICROSECOND * 1000  # nanoseconds
    moments = times.to_numpy(dtype="datetime64[ns]")
    missing = np.isnat(moments)
    starts = (moments.astype(np.int64) // step * step).astype("datetime64[ns]")
    return pd.Series(np.where(missing, np.datetime64("NaT", "ns"), starts), index=times.index)


def place(times: pd.Series, length: timedelta) -> Placed:
    """The rows of a batch by window; each row is in exactly one window, or counted as untimed."""
    found = window_starts(times, length).value_counts(dropna=True).sort_index()
    starts = [aware(start) for start in found.index]
    rows = {Window(start, start + length): int(count) for start, count in zip(starts, found, strict=True)}
    newest = None if not rows else aware(times.max())
    return Placed(rows, len(times) - sum(rows.values()), newest)


def watermark(newest: datetime | None, lateness: timedelta) -> datetime | None:
    """Up to where event time is complete; None before the first row."""
    return None if newest is None else newest - lateness


def is_closed(window: Window, mark: datetime | None) -> bool:
    """True where no row of the window is expected any more."""
    return mark is not None and window.end <= mark


def aware(moment: pd.Timestamp) -> datetime:
    """A moment without a time zone, which is UTC, as an aware datetime, whole microseconds."""
    return EPOCH + timedelta(microseconds=int(moment.value) // 1000)
