"""Counts of this process, written down minute by minute, so that their course can be looked at.

A minute's row is the difference of the counts that Prometheus reads too: a request pays nothing more, and nothing is
counted twice. What a process counted of the current minute when it is killed is missing.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from resources.state.database import State
from resources.state.minutes import ModelMinute, PerformanceMinute, add_minutes
from serving import metrics
from serving.documents import counts

OF_DOCUMENTS = "document:"  # how reasons of refusals begin that come from reading a document
EDGE = "le"
STEPS = {"mlops_answer_seconds_bucket": "answer", "mlops_ocr_seconds_bucket": "reading"}
log = logging.getLogger(__name__)
WATCHED = (
    *(metrics.ANSWERS, metrics.ABSTAINED, metrics.CLASSES, metrics.CONFIDENCE, metrics.LATENCY, metrics.REFUSALS),
    counts.OCR_SECONDS,
)


class Key(NamedTuple):
    """One count: the name of its sample, and its labels."""

    sample: str
    labels: tuple[tuple[str, str], ...]


Counts = dict[Key, float]


class Minutes:
    """Writes a process's minutes; `tick` it every second or so."""

    def __init__(self, state: State, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock
        self._lock = threading.Lock()
        self._before = read_counts()
        self._minute = _minute(clock())

    def tick(self) -> None:
        """Write the minute that is over, if one is."""
        now = _minute(self._clock())
        if now != self._minute:
            self._write(now)

    def close(self) -> None:
        """Write what there is of the current minute; the end waits for no database that is away."""
        try:
            self._write(_minute(self._clock()))
        except sa.exc.SQLAlchemyError as error:
            log.warning("the counts of the last minute are lost: %s", error)

    def _write(self, now: datetime) -> None:
        with self._lock:
            after = read_counts()
            grown = {key: value - self._before.get(key, 0.0) for key, value in after.items()}
            performance, models = performance_rows(grown, self._minute), model_rows(grown, self._minute)
            if performance or models:
                with self._state.write() as connection:
                    add_minutes(connection, performance, models)
            self._before, self._minute = after, now


def read_counts() -> Counts:
    """What this process counted so far; buckets count what lies below their upper edge."""
    return {
        Key(sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for metric in WATCHED
        for family in metric.collect()
        for sample in family.samples
    }


def performance_rows(grown: Counts, minute: datetime) -> list[PerformanceMinute]:
    """Requests, errors and seconds of each use case and step, of counts as they grew within a minute."""
    seconds: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    errors: dict[tuple[str, str], int] = defaultdict(int)
    for key, value in grown.items():
        labels = dict(key.labels)
        if key.sample in STEPS:
            seconds[labels["use_case"], STEPS[key.sample]][labels[EDGE]] += value
        elif key.sample == "mlops_refusals_total":
            step = "reading" if labels["reason"].startswith(OF_DOCUMENTS) else "answer"
            errors[labels["use_case"], step] += int(value)
    rows = []
    for of in sorted(seconds.keys() | errors.keys()):
        buckets, failed = _apart(seconds[of]), errors[of]
        if buckets or failed:
            rows.append(PerformanceMinute(*of, minute, sum(buckets.values()) + failed, failed, buckets))
    return rows


def model_rows(grown: Counts, minute: datetime) -> list[ModelMinute]:
    """Answers, abstentions, confidence and classes of each version, of counts as they grew within a minute."""
    told: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    buckets: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    classes: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for key, value in grown.items():
        labels = dict(key.labels)
        if value == 0 or "version" not in labels:
            continue
        of = labels["use_case"], labels["version"]
        if key.sample == "mlops_predicted_class_total":
            classes[of][labels["value"]] += int(value)
        elif key.sample == "mlops_confidence_bucket":
            buckets[of][labels[EDGE]] += value
        else:
            told[of][key.sample] += value
    return [
        ModelMinute(
            use_case=name,
            version=int(version),
            minute=minute,
            answers=int(of["mlops_answers_total"]),
            abstained=int(of["mlops_answers_abstained_total"]),
            confidence_sum=of["mlops_confidence_sum"],
            confidence=_apart(buckets[name, version]),
            classes=dict(classes[name, version]),
        )
        for (name, version), of in sorted(told.items())
        if of["mlops_answers_total"]
    ]


def _apart(below: Mapping[str, float]) -> dict[str, int]:
    """How many lie in each bucket, of how many lie below each upper edge; empty ones are left out.

    Examples
    --------
    >>> _apart({"0.1": 3.0, "+Inf": 5.0, "0.5": 3.0})
    {'0.1': 3, '+Inf': 2}
    """
    found, before = {}, 0.0
    for edge in sorted(below, key=float):
        if below[edge] > before:
            found[edge] = int(below[edge] - before)
        before = below[edge]
    return found


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
