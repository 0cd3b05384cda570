"""The course of a use case over two weeks, window by window, and what is strange in it.

Reading and judging it costs a tenth of a second, so it is done once a minute at most, and only when somebody asks.
"""

import math
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import numpy as np
import sqlalchemy as sa

from mlops_assets.anomalies.find import WEEK, Course, Finding, find_anomalies, week_of
from mlops_assets.anomalies.windows import MINUTE, cut_windows
from resources.state.minutes import Buckets, ModelMinute, PerformanceMinute, models_since, performance_since

KEPT = timedelta(minutes=1)
DIGITS = 9  # of seconds
BEYOND = 2.0  # what took longer than every bucket is taken as twice the last edge
Row = TypeVar("Row", PerformanceMinute, ModelMinute)


@dataclass(frozen=True)
class Told:
    """What is known of one use case at a moment: its series, and a finding for each that has windows this week."""

    at: datetime
    courses: dict[str, Course]
    findings: list[Finding]


@dataclass
class Courses:
    """What was told last of each use case and version."""

    clock: Callable[[], datetime]
    told: dict[tuple[str, int | None], Told] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, connection: sa.Connection, use_case: str, version: int | None) -> Told:
        """The course of a use case; confidence, abstentions and classes are those of `version`, None = nobody's."""
        now, key = self.clock(), (use_case, version)
        with self.lock:
            found = self.told.get(key)
            if found is None or not timedelta(0) <= now - found.at < KEPT:
                courses = read_courses(connection, use_case, version, week_of(now) - WEEK)
                found = self.told[key] = Told(now, courses, find_anomalies(courses, now))
        return found


def read_courses(connection: sa.Connection, use_case: str, version: int | None, since: datetime) -> dict[str, Course]:
    """The series of a use case from a moment on; those without a whole window are left out."""
    found = performance_courses(performance_since(connection, use_case, since))
    if version is not None:
        found |= model_courses(models_since(connection, use_case, version, since))
    return {name: course for name, course in found.items() if len(course.ends)}


def performance_courses(rows: Sequence[PerformanceMinute]) -> dict[str, Course]:
    """Seconds of each step, as a geometric mean: few slow requests would hide all others; and the share that failed."""

    def seconds(step: str) -> Course:
        timed = [row for row in rows if row.step == step and row.seconds]
        return _course(timed, lambda row: sum(row.seconds.values()), lambda group: mean_s(row.seconds for row in group))

    def failed(group: list[PerformanceMinute]) -> float:
        return sum(row.errors for row in group) / sum(row.requests for row in group)

    return {
        "seconds of an answer": seconds("answer"),
        "seconds of a reading": seconds("reading"),
        "errors": _course(rows, lambda row: row.requests, failed),
    }


def model_courses(rows: Sequence[ModelMinute]) -> dict[str, Course]:
    """Mean confidence, the share of abstentions, and the shares of the classes; a regression has none of them."""
    classified = [row for row in rows if row.confidence]
    names = sorted({name for row in classified for name in row.classes})

    def mean(of: Callable[[ModelMinute], float]) -> Callable[[list[ModelMinute]], float]:
        return lambda group: sum(of(row) for row in group) / sum(row.answers for row in group)

    def shares(group: list[ModelMinute]) -> list[float]:
        return [mean(lambda row, name=name: row.classes.get(name, 0))(group) for name in names]  # type: ignore[misc]

    values: dict[str, Callable[[list[ModelMinute]], Any]] = {
        "confidence": mean(lambda row: row.confidence_sum),
        "abstentions": mean(lambda row: row.abstained),
        "classes": shares,
    }
    found = {name: _course(classified, lambda row: row.answers, value) for name, value in values.items()}
    return found | {"classes": replace(found["classes"], classes=tuple(names))}


def mean_s(counted: Iterable[Buckets]) -> float:
    """Geometric mean of seconds that are known by the upper edge of their bucket.

    Examples
    --------
    >>> mean_s([{"0.1": 1}, {"10.0": 1}])
    1.0
    """
    total, logs = 0, 0.0
    for buckets in counted:
        edges = [float(edge) for edge in buckets]
        last = max((edge for edge in edges if math.isfinite(edge)), default=1.0)
        for edge, count in zip(edges, buckets.values(), strict=True):
            total += count
            logs += count * math.log(edge if math.isfinite(edge) else BEYOND * last)
    return round(math.exp(logs / total), DIGITS)  # the same buckets are the same mean, in whatever order they come


def _course(rows: Sequence[Row], count: Callable[[Row], int], value: Callable[[list[Row]], Any]) -> Course:
    """The value of each window of rows."""
    by_minute: dict[datetime, list[Row]] = {}
    for row in rows:
        by_minute.setdefault(row.minute, []).append(row)
    minutes = sorted(by_minute)
    windows = cut_windows(minutes, [sum(map(count, by_minute[minute])) for minute in minutes])
    groups = [[row for minute in minutes[window] for row in by_minute[minute]] for window in windows]
    ends = [minutes[window.stop - 1] + MINUTE for window in windows]
    return Course(ends, np.array([value(group) for group in groups], dtype=float))
