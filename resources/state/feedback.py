"""The truth about a prediction, whatever order, number and delay its events arrive in.

An event says: by `source`, at `event_time`, the truth of `prediction_id` was `truth`. All distinct events are kept in
`feedback_events`, with how often each was seen; `feedback` holds per prediction and source what follows from them: the
truth of the latest event. As that is a function of a *set* of events, the order of arrival cannot matter. An event
about a prediction that is not known waits in `parked_feedback` until `attach` finds it.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from resources.state.database import UtcTime, metadata

IDS_PER_QUERY = 500  # databases limit the bind parameters of a statement

Received = Literal["stored", "corrected", "duplicate", "parked"]

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("prediction_id", sa.String(64), nullable=False),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("use_case", sa.String(64), nullable=False),
    sa.Column("truth", sa.JSON(none_as_null=True), nullable=False),
    sa.Column("truth_key", sa.String(512), nullable=False),
    sa.Column("event_time", UtcTime, nullable=False),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("corrections", sa.Integer, nullable=False),
    sa.Column("duplicates", sa.Integer, nullable=False),
    sa.UniqueConstraint("prediction_id", "source"),
    sa.Index(None, "use_case", "id"),
    sqlite_autoincrement=True,
)

feedback_events = sa.Table(
    "feedback_events",
    metadata,
    sa.Column("prediction_id", sa.String(64), primary_key=True),
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("event_time", UtcTime, primary_key=True),
    sa.Column("truth_key", sa.String(512), primary_key=True),
    sa.Column("truth", sa.JSON(none_as_null=True), nullable=False),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("seen", sa.Integer, nullable=False),
)

parked_feedback = sa.Table(
    "parked_feedback",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("prediction_id", sa.String(64), nullable=False, index=True),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("truth", sa.JSON(none_as_null=True), nullable=False),
    sa.Column("event_time", UtcTime),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("refused", sa.Text),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class Event:
    """One message about the truth; without an `event_time` the moment of arrival counts."""

    prediction_id: str
    truth: Any
    received_at: datetime
    event_time: datetime | None = None
    source: str = "client"


def record(connection: sa.Connection, event: Event, use_case: str) -> Received:
    """Store an event about a known prediction of `use_case`; `truth` is in the type the model answers with."""
    key = json.dumps(event.truth, sort_keys=True)
    time = _repeated_at(connection, event, key) or event.event_time or event.received_at
    fresh = not _seen_again(connection, event, key, time)
    if fresh:
        row = {"prediction_id": event.prediction_id, "source": event.source, "event_time": time, "truth_key": key}
        row |= {"truth": event.truth, "received_at": event.received_at, "seen": 1}
        connection.execute(feedback_events.insert().values(**row))
    first = _fold(connection, event, use_case)
    return "stored" if first else "corrected" if fresh else "duplicate"


def park(connection: sa.Connection, event: Event) -> Received:
    """Keep an event about an unknown prediction until `attach` meets its prediction."""
    connection.execute(parked_feedback.insert().values(**vars(event)))
    return "parked"


def attach(connection: sa.Connection, use_cases: dict[str, str], normalise: Callable[[str, Any], Any]) -> int:
    """Record parked events about predictions that are known now.

    Parameters
    ----------
    use_cases : dict
        Use case of each prediction id.
    normalise : callable
        Takes a use case's name and a truth as it was sent, gives the label; its ValueError leaves the event parked,
        with the reason in `refused`.

    Returns
    -------
    int
        How many events were recorded.
    """
    rows = _parked(connection, use_cases)
    attached = 0
    for row in rows:
        use_case = use_cases[row.prediction_id]
        try:
            truth = normalise(use_case, row.truth)
        except ValueError as error:
            change = parked_feedback.update().where(parked_feedback.c.id == row.id)
            connection.execute(change.values(refused=str(error)))
            continue
        record(connection, Event(row.prediction_id, truth, row.received_at, row.event_time, row.source), use_case)
        connection.execute(parked_feedback.delete().where(parked_feedback.c.id == row.id))
        attached += 1
    return attached


def parked_ids(connection: sa.Connection, limit: int = 10_000) -> list[str]:
    """Prediction ids of parked events that were not refused."""
    query = sa.select(parked_feedback.c.prediction_id).where(parked_feedback.c.refused.is_(None)).distinct()
    return list(connection.execute(query.limit(limit)).scalars())


def _parked(connection: sa.Connection, prediction_ids: Iterable[str]) -> list[Any]:
    ids, found = list(prediction_ids), list[Any]()
    for start in range(0, len(ids), IDS_PER_QUERY):
        wanted = parked_feedback.c.prediction_id.in_(ids[start : start + IDS_PER_QUERY])
        query = sa.select(parked_feedback).where(wanted, parked_feedback.c.refused.is_(None))
        found += connection.execute(query.order_by(parked_feedback.c.id)).all()
    return found


def _repeated_at(connection: sa.Connection, event: Event, key: str) -> datetime | None:
    """For an event without a time: the time of the same truth sent before, so that a retry is a duplicate."""
    if event.event_time is not None:
        return None
    query = sa.select(sa.func.max(feedback_events.c.event_time)).where(
        feedback_events.c.prediction_id == event.prediction_id,
        feedback_events.c.source == event.source,
        feedback_events.c.truth_key == key,
    )
    found: datetime | None = connection.execute(query).scalar_one_or_none()
    return found


def _seen_again(connection: sa.Connection, event: Event, key: str, time: datetime) -> bool:
    """True when this very event was there already; it is counted."""
    change = feedback_events.update().where(
        feedback_events.c.prediction_id == event.prediction_id,
        feedback_events.c.source == event.source,
        feedback_events.c.event_time == time,
        feedback_events.c.truth_key == key,
    )
    return connection.execute(change.values(seen=feedback_events.c.seen + 1)).rowcount == 1


def _fold(connection: sa.Connection, event: Event, use_case: str) -> bool:
    """Write what follows from all events of one prediction and source; True when it is the first."""
    mine = (feedback_events.c.prediction_id == event.prediction_id) & (feedback_events.c.source == event.source)
    events = connection.execute(sa.select(feedback_events).where(mine)).all()
    last = max(events, key=lambda row: (row.event_time, row.truth_key))
    values = {
        "truth": last.truth,
        "truth_key": last.truth_key,
        "event_time": last.event_time,
        "corrections": len(events) - 1,
        "duplicates": sum(row.seen for row in events) - len(events),
    }
    same = (feedback.c.prediction_id == event.prediction_id) & (feedback.c.source == event.source)
    if connection.execute(feedback.update().where(same).values(**values)).rowcount == 1:
        return False
    row = {"prediction_id": event.prediction_id, "source": event.source, "use_case": use_case}
    connection.execute(feedback.insert().values(**row, **values, received_at=event.received_at))
    return True
