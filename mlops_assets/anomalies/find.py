"""Which series of a week are not as they were, with a stated chance of a false alarm over all of them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from mlops_assets.anomalies.evidence import capital
from mlops_assets.anomalies.strangeness import Side, p_values
from mlops_assets.anomalies.windows import SPAN_MIN

ALPHA = 0.05  # chance that a week in which nothing changed has an alarm, over all series and looks
SERIES: dict[str, Side] = {  # each takes the same part of alpha (Bonferroni)
    "seconds of an answer": "up",
    "seconds of a reading": "up",
    "errors": "up",
    "confidence": "both",
    "abstentions": "up",
    "classes": "mix",
}
WEEK = timedelta(days=7)
WINDOWS_A_WEEK = int(WEEK / SPAN_MIN)
LIMIT = len(SERIES) / ALPHA  # capital at which a series alarms


@dataclass(frozen=True)
class Course:
    """One series: when each window ended, and its value or, for a mix, its shares.

    Attributes
    ----------
    ends : sequence of datetime
        In order.
    values : ndarray of shape (n_windows,) or (n_windows, n_classes)
    classes : tuple of str
        Names of the columns of a mix.
    """

    ends: Sequence[datetime]
    values: NDArray[np.float64]
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What this week says about one series.

    Attributes
    ----------
    evidence : float
        The largest capital of the week; from LIMIT on it is an alarm.
    since : datetime or None
        End of the window that brought the alarm; None without one.
    windows : int
        Windows of this week.
    """

    series: str
    evidence: float
    since: datetime | None
    windows: int

    @property
    def alarmed(self) -> bool:
        """True when the series is not as it was."""
        return self.since is not None


def find_anomalies(courses: Mapping[str, Course], now: datetime) -> list[Finding]:
    """A finding for each series that has windows in the week of `now`, alarms first.

    Windows are compared with all since the week before began; the bets begin anew each Monday, 00:00 UTC.
    """
    found = [_find(name, course, week_of(now)) for name, course in courses.items() if len(course.ends)]
    return sorted((one for one in found if one.windows), key=lambda one: -one.evidence)


def week_of(moment: datetime) -> datetime:
    """Monday, 00:00, of a moment's week."""
    return (moment - timedelta(days=moment.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


def _find(name: str, course: Course, monday: datetime) -> Finding:
    since = int(np.searchsorted([end.timestamp() for end in course.ends], monday.timestamp(), side="right"))
    won = capital(p_values(course.values, SERIES[name], since), WINDOWS_A_WEEK)
    alarms = np.flatnonzero(won >= LIMIT)
    at = course.ends[since + int(alarms[0])] if len(alarms) else None
    return Finding(name, float(won.max(initial=1.0)), at, len(won))
