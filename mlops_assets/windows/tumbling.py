"""Tumbling windows of event time: half-open, of one length, the first one beginning at 1970-01-01 00:00 UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "min": timedelta(minutes=1), "s": timedelta(seconds=1)}


@dataclass(frozen=True, order=True)
class Window:
    """The moments from `start` on and before `end`, both aware, in UTC."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """From start to end."""
        return self.end - self.start

    @property
    def key(self) -> str:
        """Its name in tables, partitions and files: its start and its length.

        Examples
        --------
        >>> window_of(datetime(2022, 3, 1, 17, 30, tzinfo=UTC), timedelta(hours=6)).key
        '20220301T120000-6h'
        """
        return f"{self.start:%Y%m%dT%H%M%S}-{_text(self.length)}"


def window_of(moment: datetime, length: timedelta) -> Window:
    """The one window that holds a moment: start = floor((moment - epoch) / length) * length + epoch.

    Parameters
    ----------
    moment : aware datetime
    length : above 0
    """
    start = EPOCH + (moment - EPOCH) // length * length
    return Window(start, start + length)


def _text(length: timedelta) -> str:
    """A whole number of the largest unit that divides the length."""
    unit = next(name for name, one in UNITS.items() if not length % one)
    return f"{length // UNITS[unit]}{unit}"
