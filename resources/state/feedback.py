"""The truth about predictions, whatever order, number and delay its events arrive in.

An event says: by `source`, at `event_time`, the truth of `prediction_id` was `truth`. An event without a time counts
from its first arrival on. All distinct events are kept in `feedback_events`, with how often each was seen; table
`labels` holds per prediction what follows from them: a function of their *set*, so order and repetition cannot matter.

    pending     no event yet
    labelled    events came in time, all of the same truth
    corrected   events came in time and contradict each other: the latest event_time counts; of equal times the larger
                truth (compared as JSON text), then the larger source
    expired     events came, each later than `feedback.expires_h` after the prediction: kept, shown, no evidence

An event in time turns `expired` into `labelled`, and a contradiction `labelled` into `corrected`, for good. What an
event is answered with says what it did:

    stored      kept; events in time do not contradict each other
    corrected   kept; they do, whichever of them counts
    duplicate   the same source, truth and time again (or none again): counted, nothing else changes
    expired     kept; it came too late to count
    parked      its prediction is unknown: it waits in `parked_feedback` and is recorded when that arrives (parking.py)
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import sqlalchemy as sa

from resources.state.blocks import select_about
from resources.state.database import UtcTime, metadata
from resources.state.labelling import Known, Label, stand_in_line, write_labels
from resources.state.truth import Truths

Status = Literal["stored", "corrected", "duplicate", "expired", "parked"]
State = Literal["pending", "labelled", "corrected", "expired"]

feedback_events = sa.Table(
    "feedback_events",
    metadata,
    sa.Column("prediction_id", sa.String(64), primary_key=True),
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("event_time", UtcTime, primary_key=True),
    sa.Column("truth_key", sa.String(512), primary_key=True),
    sa.Column("timed", sa.Boolean, primary_key=True, comment="false: event_time is the first arrival"),
    sa.Column("truth", sa.JSON(none_as_null=True), nullable=False),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("seen", sa.Integer, nullable=False),
)


@dataclass(frozen=True)
class Event:
    """One message about the truth, that came `seen` times, first at `received_at`."""

    prediction_id: str
    truth: Any
    received_at: datetime
    event_time: datetime | None = None
    source: str = "client"
    seen: int = 1

    @property
    def truth_key(self) -> str:
        """The truth as text that sorts and compares the same on every database."""
        return _text(self.truth)

    @property
    def time(self) -> datetime:
        """From when on it says what the truth is."""
        return self.event_time or self.received_at

    @property
    def identity(self) -> tuple[str, str, datetime | None]:
        """What two messages about one prediction have in common when they are the same event."""
        return self.source, self.truth_key, self.event_time

    def again(self, other: "Event") -> "Event":
        """This event, after the same one came once more."""
        return replace(self, received_at=min(self.received_at, other.received_at), seen=self.seen + other.seen)


@dataclass(frozen=True)
class Recorded:
    """What became of each event, in order; of each prediction that is labelled now, seconds from answer to label."""

    statuses: list[Status]
    labelled: list[tuple[Known, float]]


Events = dict[tuple[str, str, datetime | None], Event]  # of one prediction, by identity


def record_many(
    connection: sa.Connection, events: Sequence[Event], known: Mapping[str, Known], truths: Truths
) -> Recorded:
    """Store events about predictions of `known`; each truth is in the type the model answers with."""
    stand_in_line(connection)
    before = events_of(connection, (event.prediction_id for event in events))
    after = {prediction_id: dict(kept) for prediction_id, kept in before.items()}
    deadlines = {one: truths.expires(known[one].use_case, known[one].at) for one in after}
    statuses = [_take(after[event.prediction_id], event, deadlines[event.prediction_id]) for event in events]
    _write(connection, before, after)
    found = {one: fold(kept, deadlines[one]) for one, kept in after.items()}
    first = write_labels(connection, found, known)
    return Recorded(statuses, [(known[one], (found[one].received_at - known[one].at).total_seconds()) for one in first])


def events_of(connection: sa.Connection, prediction_ids: Iterable[str]) -> dict[str, Events]:
    """The events that are kept about each of these predictions, in the order of their time."""
    found: dict[str, Events] = {one: {} for one in prediction_ids}
    query = sa.select(feedback_events).order_by(feedback_events.c.event_time)
    for row in select_about(connection, query, feedback_events.c.prediction_id, found):
        time = row.event_time if row.timed else None
        event = Event(row.prediction_id, row.truth, row.received_at, time, row.source, row.seen)
        found[event.prediction_id][event.identity] = event
    return found


def fold(events: Events, deadline: datetime | None) -> Label:
    """What follows from the events about one prediction; at least one is due."""
    timely = [event for event in events.values() if in_time(event, deadline)]
    counting = timely or list(events.values())
    last = max(counting, key=lambda event: (event.time, event.truth_key, event.source))
    return Label(
        truth=last.truth,
        truth_key=last.truth_key,
        source=last.source,
        event_time=last.time,
        received_at=_known_since(last, counting),
        corrections=sum(event.truth_key != last.truth_key for event in counting),
        duplicates=sum(event.seen - 1 for event in events.values()),
        expired=not timely,
    )


def _known_since(last: Event, counting: Iterable[Event]) -> datetime:
    """When the truth that counts came first, after the last arrival of another one."""
    others = max((event.received_at for event in counting if event.truth_key != last.truth_key), default=None)
    same = [event.received_at for event in counting if event.truth_key == last.truth_key]
    return min((at for at in same if others is None or at > others), default=last.received_at)


def in_time(event: Event, deadline: datetime | None) -> bool:
    """True when the event counts; a deadline of None never passes."""
    return deadline is None or event.time <= deadline


@lru_cache(maxsize=10_000, typed=True)  # truths are few, and each is compared a dozen times
def _text(truth: Any) -> str:
    return json.dumps(truth)


def _take(kept: Events, event: Event, deadline: datetime | None) -> Status:
    """Add an event to those about its prediction; what that did."""
    old = kept.get(event.identity)
    if old is not None:
        kept[event.identity] = old.again(event)
        return "duplicate"
    kept[event.identity] = event
    if not in_time(event, deadline):
        return "expired"
    contradicted = any(one.truth_key != event.truth_key and in_time(one, deadline) for one in kept.values())
    return "corrected" if contradicted else "stored"


def _write(connection: sa.Connection, before: Mapping[str, Events], after: Mapping[str, Events]) -> None:
    fresh, changed = [], []
    for prediction_id, kept in after.items():
        for identity, event in kept.items():
            old = before[prediction_id].get(identity)
            if old is None:
                fresh.append(_key(event) | {"truth": event.truth, **_counts(event)})
            elif old != event:
                changed.append({f"old_{name}": value for name, value in _key(old).items()} | _counts(event))
                changed[-1]["event_time"] = event.time
    if fresh:
        connection.execute(feedback_events.insert(), fresh)
    if changed:
        mine = [
            feedback_events.c[column.name] == sa.bindparam(f"old_{column.name}")
            for column in feedback_events.primary_key
        ]
        names = ("event_time", "received_at", "seen")
        change = feedback_events.update().where(*mine).values({name: sa.bindparam(name) for name in names})
        connection.execute(change, changed)


def _key(event: Event) -> dict[str, Any]:
    names = {"prediction_id": event.prediction_id, "source": event.source, "truth_key": event.truth_key}
    return names | {"event_time": event.time, "timed": event.event_time is not None}


def _counts(event: Event) -> dict[str, Any]:
    return {"received_at": event.received_at, "seen": event.seen}
