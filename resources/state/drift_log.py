"""Drift events: one row for each comparison of a batch with the champion's training data."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resources.state.database import UtcTime, metadata

drift_events = sa.Table(
    "drift_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("use_case", sa.String(64), nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("champion_version", sa.Integer, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("model_status", sa.String(16), nullable=False),
    sa.Column("worst_column", sa.String(255)),
    sa.Column("sentence", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("losses", sa.JSON(none_as_null=True), comment="of the labelled rows: loss.sketch"),
    sa.Column("checked", sa.JSON(none_as_null=True), comment="the estimate beside them: loss.estimate.Check"),
    sa.Column("harm", sa.JSON(none_as_null=True), comment="decision.harm"),
    sa.Column("rows", sa.Integer, comment="of a batch that was not too small"),
    sa.Column("shifts", sa.JSON(none_as_null=True), comment="of the means, by numeric column: drift.history.Seen"),
    sa.Index("ix_drift_events_use_case_id", "use_case", "id"),
)

LINE = 7_320_012  # of the advisory lock, any number that nobody else takes
FINDING = ("use_case", "key", "champion_version", "status", "model_status", "worst_column", "sentence")


@dataclass(frozen=True)
class DriftEvent:
    """One comparison: which batch, which champion, what came of it."""

    id: int
    use_case: str
    key: str
    champion_version: int
    status: str
    model_status: str
    worst_column: str | None
    sentence: str
    at: datetime
    losses: dict[str, Any] | None = None
    checked: dict[str, Any] | None = None
    harm: dict[str, Any] | None = None
    rows: int | None = None
    shifts: dict[str, Any] | None = None


@dataclass(frozen=True)
class Before:
    """What was scored for a champion before a batch: how many batches, in how many data drifted, the last of them."""

    scored: int
    alarms: int
    recent: tuple[DriftEvent, ...]


def record_drift(connection: sa.Connection, **values: Any) -> int:
    """The number of the event; `values` are the fields of DriftEvent without its id.

    The same finding about the same batch and champion is one event, however often it is scored.
    """
    same = [drift_events.c[name] == values[name] for name in FINDING]
    known = connection.execute(sa.select(drift_events.c.id).where(*same)).scalar()
    if known is not None:
        return int(known)
    return int(connection.execute(sa.insert(drift_events).values(**values).returning(drift_events.c.id)).scalar_one())


def drift_before(connection: sa.Connection, use_case: str, version: int, key: str, recent: int) -> Before:
    """What was scored for a champion before the batch `key`, each batch once, in the order of their first scores.

    A batch that was scored before keeps its place, so that scoring it again finds the same. Batches too small to say
    do not count.
    """
    table = drift_events
    query = (
        sa.select(table)
        .where(table.c.use_case == use_case, table.c.champion_version == version, table.c.status != "too_small")
        .order_by(table.c.id)
    )
    first: dict[str, DriftEvent] = {}
    for row in connection.execute(query).mappings():
        if row["key"] == key:
            break
        first.setdefault(row["key"], DriftEvent(**row))
    events = tuple(first.values())
    return Before(len(events), sum(event.status == "drift" for event in events), events[-recent:])


def others_since(connection: sa.Connection, use_case: str, version: int, key: str, after_id: int) -> bool:
    """True when another batch than `key` was first scored for a champion after event `after_id`, and `key` was not.

    Who asks in a transaction that then writes is alone with the log until its end.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LINE)))
    table = drift_events
    mine = (table.c.use_case == use_case, table.c.champion_version == version)
    if connection.execute(sa.select(table.c.id).where(*mine, table.c.key == key).limit(1)).first() is not None:
        return False  # it keeps the place that it has
    known = sa.select(table.c.key).where(*mine, table.c.id <= after_id)
    others = sa.select(table.c.id).where(*mine, table.c.id > after_id, table.c.key.not_in(known)).limit(1)
    return connection.execute(others).first() is not None


def drift_after(connection: sa.Connection, use_case: str, after_id: int) -> list[DriftEvent]:
    """Every event of a use case with a number above `after_id`, oldest first."""
    table = drift_events
    query = sa.select(table).where(table.c.use_case == use_case, table.c.id > after_id).order_by(table.c.id)
    return [DriftEvent(**row) for row in connection.execute(query).mappings()]


def labelled_before(
    connection: sa.Connection, use_case: str, champion_version: int, key: str | None = None
) -> list[DriftEvent]:
    """The first labelled event of each batch that this champion was scored on before batch `key`, oldest first.

    A batch that is scored again is so compared with the batches it was compared with at first, and found the same.
    """
    table = drift_events
    mine = (table.c.use_case == use_case, table.c.champion_version == champion_version, table.c.losses.is_not(None))
    this = sa.select(sa.func.min(table.c.id)).where(*mine, table.c.key == key).scalar_subquery()
    first = sa.select(sa.func.min(table.c.id)).where(*mine).group_by(table.c.key)
    before = sa.or_(this.is_(None), table.c.id < this)
    query = sa.select(table).where(table.c.id.in_(first), before).order_by(table.c.id)
    return [DriftEvent(**row) for row in connection.execute(query).mappings()]


def latest_drift(connection: sa.Connection, use_case: str, limit: int) -> list[DriftEvent]:
    """The newest events of a use case, newest first."""
    table = drift_events
    query = sa.select(table).where(table.c.use_case == use_case).order_by(table.c.id.desc()).limit(limit)
    return [DriftEvent(**row) for row in connection.execute(query).mappings()]


def last_drift_id(connection: sa.Connection, use_case: str) -> int:
    """Number of the newest event of a use case, 0 before the first."""
    newest = latest_drift(connection, use_case, 1)
    return newest[0].id if newest else 0
