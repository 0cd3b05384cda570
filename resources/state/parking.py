"""Feedback about predictions that are not known yet: it waits, is recorded when its prediction arrives, never dropped.

The router asks for what can be recorded now every poll (`attachable`), and does so (`attach`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from resources.state.blocks import delete_about, select_about
from resources.state.database import UtcTime, metadata
from resources.state.feedback import Event, Recorded, record_many
from resources.state.labelling import Known, find_known, stand_in_line
from resources.state.predictions import predictions
from resources.state.truth import Truths

OVERDUE_AFTER = timedelta(days=7)  # answers are logged before they go out: after a week the id is a mistake, not a race
LOOKED_AT = 10_000  # parked events that one poll looks at, which bounds its work; the next one goes on there
AGAIN = ("received_at", "seen")

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
    sa.Column("sent_by", sa.String(16), comment="id of a key that may only speak of what it asked for"),
    sa.Column("seen", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class Parked:
    """Events that wait, those among them for longer than OVERDUE_AFTER, those refused, and when the oldest came."""

    waiting: int
    overdue: int
    refused: int
    oldest: datetime | None

    @property
    def sentence(self) -> str:
        """What waits, for people."""
        if not self.waiting + self.refused:
            return "every truth found its prediction"
        since = f", the oldest since {self.oldest:%Y-%m-%d %H:%M} UTC" if self.oldest else ""
        return (
            f"{self.waiting} truth(s) wait for a prediction that is not in the log{since}; {self.overdue} of them for "
            f"more than {OVERDUE_AFTER.days} days (a wrong id, or a pruned prediction); {self.refused} refused, see "
            "table parked_feedback"
        )


def park(connection: sa.Connection, events: Iterable[Event], sent_by: str | None = None) -> None:
    """Keep events about unknown predictions, their truths as they were sent; the same event again is only counted.

    `sent_by` is the id of a key that may only speak of predictions it asked for; None: of any.
    """
    stand_in_line(connection)
    events = list(events)
    rows = select_about(connection, sa.select(parked_feedback), parked_feedback.c.prediction_id, _ids(events))
    there = {(row.prediction_id, _event(row).identity): row for row in rows if row.sent_by == sent_by}
    waiting = {key: _event(row) for key, row in there.items()}
    for event in events:
        key = (event.prediction_id, event.identity)
        waiting[key] = waiting[key].again(event) if key in waiting else event
    fresh = [vars(event) | {"sent_by": sent_by} for key, event in waiting.items() if key not in there]
    if fresh:
        connection.execute(parked_feedback.insert(), fresh)
    _change(connection, {row.id: {name: getattr(waiting[key], name) for name in AGAIN} for key, row in there.items()})


def attach(connection: sa.Connection, prediction_ids: Iterable[str], truths: Truths) -> Recorded:
    """Record what waits for these predictions; unknown ones among them are left alone.

    A truth that cannot be one, or that its sender may not tell, stays parked with the reason in `refused`.
    """
    ids = list(prediction_ids)
    if not _waiting(connection, ids):
        return Recorded([], [])
    stand_in_line(connection)
    rows = _waiting(connection, ids)  # again: another process may have attached them before it was our turn
    known = find_known(connection, (row.prediction_id for row in rows))
    events, refused = dict[int, Event](), dict[int, dict[str, str]]()
    for row in rows:
        if row.prediction_id in known:
            try:
                events[row.id] = _judged(row, known[row.prediction_id], truths)
            except ValueError as error:
                refused[row.id] = {"refused": str(error)}
    _change(connection, refused)
    delete_about(connection, parked_feedback.c.id, events)
    return record_many(connection, list(events.values()), known, truths)


def attachable(connection: sa.Connection, after: int = 0) -> tuple[list[str], int]:
    """Ids of predictions that are in the log although feedback waits for them, and where the next look goes on.

    A look begins `after` a row of parked feedback and takes LOOKED_AT rows; at the end the next one begins with 0.
    """
    query = sa.select(parked_feedback.c.id, parked_feedback.c.prediction_id, predictions.c.id.is_not(None))
    query = query.join(predictions, predictions.c.prediction_id == parked_feedback.c.prediction_id, isouter=True)
    query = query.where(parked_feedback.c.refused.is_(None), parked_feedback.c.id > after)
    rows = connection.execute(query.order_by(parked_feedback.c.id).limit(LOOKED_AT)).all()
    return [prediction_id for _, prediction_id, known in rows if known], rows[-1].id if len(rows) == LOOKED_AT else 0


def count_parked(connection: sa.Connection, now: datetime) -> Parked:
    """What waits at a moment."""
    waits = parked_feedback.c.refused.is_(None)
    overdue = waits & (parked_feedback.c.received_at < now - OVERDUE_AFTER)
    counted = {"waiting": waits, "overdue": overdue, "refused": ~waits}
    columns = [sa.func.count(sa.case((which, 1))).label(name) for name, which in counted.items()]
    oldest = sa.func.min(sa.case((waits, parked_feedback.c.received_at)), type_=UtcTime).label("oldest")
    return Parked(**connection.execute(sa.select(*columns, oldest)).one()._mapping)


def _ids(events: Iterable[Event]) -> set[str]:
    return {event.prediction_id for event in events}


def _event(row: Any) -> Event:
    return Event(row.prediction_id, row.truth, row.received_at, row.event_time, row.source, row.seen)


def _judged(row: Any, known: Known, truths: Truths) -> Event:
    if not known.is_open_to(row.sent_by):
        raise ValueError(f"key {row.sent_by} did not ask for prediction {row.prediction_id}")
    return replace(_event(row), truth=truths.label(known.use_case, row.truth))


def _waiting(connection: sa.Connection, prediction_ids: Sequence[str]) -> list[Any]:
    query = sa.select(parked_feedback).where(parked_feedback.c.refused.is_(None)).order_by(parked_feedback.c.id)
    return list(select_about(connection, query, parked_feedback.c.prediction_id, prediction_ids))


def _change(connection: sa.Connection, rows: Mapping[int, Mapping[str, Any]]) -> None:
    if rows:
        names = next(iter(rows.values()))
        change = parked_feedback.update().where(parked_feedback.c.id == sa.bindparam("row"))
        values = [{"row": row, **changed} for row, changed in rows.items()]
        connection.execute(change.values({name: sa.bindparam(name) for name in names}), values)
