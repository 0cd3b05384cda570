"""What the router counts, for Prometheus: answers, refusals and labels as they happen, gauges once a second.

The counts belong to the process, not to an application: two applications in one process count together. `open_files`,
called once in each worker before it answers, makes the counts of several processes one sum; without it, as in tests, a
process tells its own. Every metric has a label, since a metric without one would take its place before `open_files`.
"""

import time
from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.registry import Collector

from serving.metric_files import Sum, claim

if TYPE_CHECKING:
    from serving.models import Arms

Value = str | int | float

CLASSES_MAX = 20  # labels of one arm and version that are told apart
REASONS_MAX = 200  # pairs of use case and reason that are told apart: callers choose the names they ask for
OTHER = "other"
PLACES = ("champion", "challenger", "registry", "alias")  # of the problems of `Arms`
LATENCY_S = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
LAG_S = (1.0, 10.0, 60.0, 600.0, 3_600.0, 21_600.0, 86_400.0, 259_200.0, 604_800.0, 2_592_000.0)
DECADES, STEPS = (0.1, 1.0, 10.0, 100.0, 1_000.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
NUMBERS = (-1_000.0, -100.0, -10.0, -1.0, 0.0, *(decade * step for decade in DECADES for step in STEPS))
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 1.0)

disable_created_metrics()  # type: ignore[no-untyped-call]
OWN = CollectorRegistry()
ARM = ("use_case", "arm", "version")
ANSWERS = Counter("mlops_answers", "Rows answered.", ARM, registry=OWN)
DEGRADED = Counter("mlops_answers_degraded", "Rows answered degraded.", ARM, registry=OWN)
ABSTAINED = Counter("mlops_answers_abstained", "Rows answered that the model abstains from.", ARM, registry=OWN)
LATENCY = Histogram("mlops_answer_seconds", "Time of a request.", ARM, registry=OWN, buckets=LATENCY_S)
CLASSES = Counter("mlops_predicted_class", "Rows by predicted class.", (*ARM, "value"), registry=OWN)
VALUES = Histogram("mlops_predicted_value", "Predicted numbers.", ARM, registry=OWN, buckets=NUMBERS)
CONFIDENCE = Histogram("mlops_confidence", "Probability of what was answered.", ARM, registry=OWN, buckets=SHARES)
LAG = Histogram("mlops_label_lag_seconds", "From answer to label.", ARM, registry=OWN, buckets=LAG_S)
REFUSALS = Counter("mlops_refusals", "Requests refused or failed.", ("use_case", "reason"), registry=OWN)
LOGGED = Counter("mlops_log_events", "What the prediction log and the shadow did.", ("event",), registry=OWN)


def _gauge(name: str, about: str, labels: tuple[str, ...], mode: Any) -> Gauge:
    return Gauge(name, about, labels, registry=OWN, multiprocess_mode=mode)


WORKERS = _gauge("mlops_workers", "Processes that live.", ("service",), "livesum")
HEARTBEAT = _gauge("mlops_heartbeat_seconds", "Oldest sign of life among them, unix time.", ("service",), "livemin")
WAITING = _gauge("mlops_waiting", "What waits for a background thread.", ("queue",), "livesum")
SERVING = _gauge("mlops_model_serving", "Processes that serve a version.", ("use_case", "alias", "version"), "livesum")
STALE = _gauge("mlops_model_degraded", "Processes that serve a use case degraded.", ("use_case",), "livesum")
PROBLEM = _gauge("mlops_model_problem", "Processes with a problem there.", ("use_case", "place"), "livesum")

COUNTED: list[Any] = [
    *(ANSWERS, DEGRADED, ABSTAINED, LATENCY, CLASSES, VALUES, CONFIDENCE, LAG, REFUSALS, LOGGED),
    *(WORKERS, HEARTBEAT, WAITING, SERVING, STALE, PROBLEM),
]  # those of documents stand in serving.documents.counts, and come in when that is imported
_files: tuple[Path, IO[str]] | None = None


def open_files(folder: str | Path) -> None:
    """Count together with every process that opens the same folder, from now on; once in each process."""
    global _files
    for metric in COUNTED:  # what a parent counted before it forked
        metric.clear()
    _arms.clear()
    _lag.cache_clear()
    _files = (Path(folder), claim(Path(folder)))


def collector() -> Collector:
    """What all processes counted; without files what this one did."""
    return Sum(_files[0]) if _files is not None else OWN


class _Arm:
    """The metrics of one use case, arm and version, looked up once: the look-up costs more than the count."""

    def __init__(self, use_case: str, arm: str, version: int) -> None:
        self._names = (use_case, arm, str(version))
        self.answers, self.degraded = ANSWERS.labels(*self._names), DEGRADED.labels(*self._names)
        self.abstained = ABSTAINED.labels(*self._names)
        self.latency = LATENCY.labels(*self._names)
        self._classes: dict[Value, Counter] = {}
        self._numbers: Histogram | None = None
        self._confidence: Histogram | None = None

    def see(self, values: Sequence[Value]) -> None:
        """Count predicted values: numbers with a fraction in buckets, everything else by class."""
        if isinstance(values[0], float):
            self._see_numbers(values)
        elif len(values) == 1:
            self._class(values[0]).inc()
        else:
            for value, count in Tally(values).items():
                self._class(value).inc(count)

    def _class(self, value: Value) -> Counter:
        found = self._classes.get(value)
        if found is None:
            shown = str(value) if len(self._classes) < CLASSES_MAX else OTHER
            found = CLASSES.labels(*self._names, shown)
            if shown != OTHER:
                self._classes[value] = found
        return found

    def _see_numbers(self, values: Sequence[Any]) -> None:
        numbers = self._numbers = self._numbers or VALUES.labels(*self._names)
        _observe(numbers, NUMBERS, values)

    def see_confidence(self, shares: Sequence[float]) -> None:
        """Count the probabilities of what was answered."""
        confidence = self._confidence = self._confidence or CONFIDENCE.labels(*self._names)
        _observe(confidence, SHARES, shares)


def _observe(histogram: Histogram, edges: Sequence[float], values: Sequence[float]) -> None:
    if len(values) == 1:
        histogram.observe(values[0])
        return
    # The public way takes one value at a time, which costs a large request more than its answers.
    buckets = np.bincount(np.searchsorted(edges, values), minlength=len(histogram._buckets))
    histogram._sum.inc(float(np.sum(values)))
    for place in np.flatnonzero(buckets):
        histogram._buckets[place].inc(int(buckets[place]))


_arms: dict[tuple[str, str, int], _Arm] = {}


def answered(
    use_case: str,
    arm: str,
    version: int,
    seconds: float,
    values: Sequence[Value],
    degraded: bool,
    abstained: int = 0,
    confidence: Sequence[float] = (),
) -> None:
    """Count the rows of one request that one arm answered; `seconds` is the time of the request.

    `abstained` are those of the rows that the model abstains from, `confidence` the probabilities of what was answered,
    none where it was a number.
    """
    key = (use_case, arm, version)
    of = _arms.get(key)
    if of is None:
        of = _arms.setdefault(key, _Arm(use_case, arm, version))
    of.latency.observe(seconds)
    if values:
        of.answers.inc(len(values))
        of.see(values)
        if degraded:
            of.degraded.inc(len(values))
        if abstained:
            of.abstained.inc(abstained)
        if confidence:
            of.see_confidence(confidence)


def refused(use_case: str, reason: str) -> None:
    """Count a request that was not answered; `reason` is one of a few short codes."""
    known = len(REFUSALS._metrics) < REASONS_MAX or (use_case, reason) in REFUSALS._metrics
    REFUSALS.labels(*((use_case, reason) if known else (OTHER, OTHER))).inc()


def labelled(use_case: str, arm: str, version: int, lag_s: float) -> None:
    """Count a label that came `lag_s` seconds after the answer of that arm and version."""
    _lag(use_case, arm, version).observe(max(0.0, lag_s))


@cache
def _lag(use_case: str, arm: str, version: int) -> Histogram:
    return LAG.labels(use_case, arm, str(version))


def beat(arms: Iterable[tuple[str, "Arms"]], waiting: dict[str, int], events: dict[str, int]) -> None:
    """Set the gauges of this process; `events` are counts since its start."""
    WORKERS.labels("router").set(1)
    HEARTBEAT.labels("router").set(time.time())
    for queue, depth in waiting.items():
        WAITING.labels(queue).set(depth)
    for event, count in events.items():
        before = _events.get(event, 0)
        LOGGED.labels(event).inc(count - before if count >= before else count)  # less: another log, in the same process
        _events[event] = count
    for use_case, of in arms:
        _show_models(use_case, of)


_events: dict[str, int] = {}
_shown: dict[tuple[str, str], int | None] = {}


def _show_models(use_case: str, of: "Arms") -> None:
    STALE.labels(use_case).set(of.degraded)
    for place in PLACES:
        PROBLEM.labels(use_case, place).set(place in of.problems)
    for alias, served in (("champion", of.champion), ("challenger", of.challenger)):
        before, now = _shown.get((use_case, alias)), served.version if served is not None else None
        _shown[use_case, alias] = now
        if before is not None and before != now:
            SERVING.labels(use_case, alias, str(before)).set(0)
        if now is not None:
            SERVING.labels(use_case, alias, str(now)).set(1)
