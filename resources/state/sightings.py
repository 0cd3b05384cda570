"""Looks at files: one row for each state in which a file was seen, and the cursors of SQL sources.

A file that still grows has one row, moved on with each look; a file whose outcome is final is not read again as long as
it keeps size and times.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from resources.state.database import UtcTime, metadata

Outcome = Literal["new", "duplicate", "refused", "growing"]

sightings = sa.Table(
    "sightings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("use_case", sa.String(64), nullable=False),
    sa.Column("source", sa.String(255), nullable=False),
    sa.Column("name", sa.String(1024), nullable=False),
    sa.Column("marker", sa.String(255), nullable=False, comment="size and times, or the tag of an object store"),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("key", sa.String(80), comment="the batch that holds these bytes"),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.UniqueConstraint("use_case", "source", "name", "marker"),
    sa.Index("ix_sightings_use_case_outcome_id", "use_case", "outcome", "id"),
)

cursors = sa.Table(
    "cursors",
    metadata,
    sa.Column("use_case", sa.String(64), primary_key=True),
    sa.Column("source", sa.String(255), primary_key=True),
    sa.Column("value", sa.Text, nullable=False, comment="JSON: number or text"),
    sa.Column("moved_at", UtcTime, nullable=False),
)


@dataclass(frozen=True)
class Sighting:
    """One state in which a file was seen, and what came of it; `seen_at` is when that state was first seen."""

    use_case: str
    source: str
    name: str
    marker: str
    outcome: Outcome
    reason: str | None
    key: str | None
    seen_at: datetime


def seen(connection: sa.Connection, use_case: str, source: str) -> dict[tuple[str, str], Sighting]:
    """Every sighting at a source by name and marker."""
    wanted = (sightings.c.use_case == use_case, sightings.c.source == source)
    return {(one.name, one.marker): one for one in _select(connection, *wanted)}


def record_sighting(connection: sa.Connection, sighting: Sighting) -> None:
    """Keep what came of a look, in place of what was known of a growing file of that name."""
    of_file = [sightings.c[name] == getattr(sighting, name) for name in ("use_case", "source", "name")]
    growing = sa.delete(sightings).where(*of_file, sightings.c.outcome == "growing")
    connection.execute(growing)
    connection.execute(sa.insert(sightings).values(**vars(sighting)))


def refusals(connection: sa.Connection, use_case: str, limit: int) -> list[Sighting]:
    """The newest refused files of a use case, newest first."""
    wanted = (sightings.c.use_case == use_case, sightings.c.outcome == "refused")
    return _select(connection, *wanted, order=sightings.c.id.desc(), limit=limit)


def outcomes(connection: sa.Connection, use_case: str) -> dict[str, int]:
    """Number of sightings by outcome."""
    query = (
        sa.select(sightings.c.outcome, sa.func.count())
        .where(sightings.c.use_case == use_case)
        .group_by(sightings.c.outcome)
        .order_by(sightings.c.outcome)
    )
    return {str(outcome): int(count) for outcome, count in connection.execute(query)}


def read_cursor(connection: sa.Connection, use_case: str, source: str) -> str | None:
    """JSON of the highest value fetched from a SQL source, None before the first fetch."""
    query = sa.select(cursors.c.value).where(cursors.c.use_case == use_case, cursors.c.source == source)
    return connection.execute(query).scalar_one_or_none()


def move_cursor(connection: sa.Connection, use_case: str, source: str, value: str, moved_at: datetime) -> None:
    """Start the next fetch behind `value`."""
    of_source = (cursors.c.use_case == use_case, cursors.c.source == source)
    done = connection.execute(sa.update(cursors).where(*of_source).values(value=value, moved_at=moved_at))
    if done.rowcount == 0:
        row = {"use_case": use_case, "source": source, "value": value, "moved_at": moved_at}
        connection.execute(sa.insert(cursors).values(**row))


def _select(
    connection: sa.Connection, *wanted: sa.ColumnElement[bool], order: Any = sightings.c.id, limit: int | None = None
) -> list[Sighting]:
    query = sa.select(*(sightings.c[name] for name in Sighting.__dataclass_fields__)).where(*wanted)
    return [Sighting(**row) for row in connection.execute(query.order_by(order).limit(limit)).mappings()]
