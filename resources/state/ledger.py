"""The ledger of batches: the only memory of what landed, under which key, and what became of it.

A batch is its SHA-256. Its row number orders the batches, whatever the clocks of the files say, and gives the key that
is the Dagster partition: `000012-ab12cd34ef56`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from resources.state.database import UtcTime, metadata
from resources.state.sightings import refusals

__all__ = [
    "Batch",
    "Counts",
    "LedgerError",
    "accepted",
    "batches",
    "counts",
    "find",
    "known_bytes",
    "known_name",
    "latest",
    "mark_accepted",
    "mark_failed",
    "mark_rejected",
    "pending",
    "record_batch",
    "refusals",
]

Status = Literal["landed", "accepted", "rejected", "failed"]

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("use_case", sa.String(64), nullable=False),
    sa.Column("key", sa.String(80), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("copy", sa.Integer, nullable=False, comment="above 0 only where known bytes are processed again"),
    sa.Column("source", sa.String(255), nullable=False),
    sa.Column("name", sa.String(1024), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("rows_read", sa.BigInteger),
    sa.Column("rows_accepted", sa.BigInteger),
    sa.Column("rows_quarantined", sa.BigInteger),
    sa.Column("time_min", UtcTime),
    sa.Column("time_max", UtcTime),
    sa.Column("landed_at", UtcTime, nullable=False),
    sa.Column("decided_at", UtcTime),
    sa.UniqueConstraint("key"),
    sa.UniqueConstraint("use_case", "sha256", "copy"),
    sa.Index("ix_batches_use_case_status_id", "use_case", "status", "id"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class Batch:
    """One row of the ledger; counts and times are None until the batch was decided."""

    id: int
    use_case: str
    key: str
    sha256: str
    copy: int
    source: str
    name: str
    size_bytes: int
    status: Status
    reason: str | None
    rows_read: int | None
    rows_accepted: int | None
    rows_quarantined: int | None
    time_min: datetime | None
    time_max: datetime | None
    landed_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True)
class Counts:
    """Rows of a decided batch: read = accepted + quarantined; times are those of the accepted rows."""

    read: int
    accepted: int
    quarantined: int
    time_min: datetime | None = None
    time_max: datetime | None = None


class LedgerError(RuntimeError):
    """A batch that the ledger does not know, or that cannot change as asked."""


def record_batch(
    connection: sa.Connection,
    *,
    use_case: str,
    sha256: str,
    source: str,
    name: str,
    size_bytes: int,
    landed_at: datetime,
    copy: int = 0,
) -> Batch:
    """The batch just written, with its key.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        If these bytes are in the ledger already.
    """
    values = {"use_case": use_case, "sha256": sha256, "copy": copy, "source": source, "name": name}
    values |= {"size_bytes": size_bytes, "status": "landed", "landed_at": landed_at}
    provisional = f"{use_case[:8]}-{sha256}-{copy}"  # the key holds the number that this insert gives
    query = sa.insert(batches).values(key=provisional, **values).returning(batches.c.id)
    number = int(connection.execute(query).scalar_one())
    key = f"{number:06d}-{sha256[:12]}"
    connection.execute(sa.update(batches).where(batches.c.id == number).values(key=key))
    return find(connection, key)


def find(connection: sa.Connection, key: str) -> Batch:
    """The batch of a key.

    Raises
    ------
    LedgerError
        If there is none.
    """
    found = _select(connection, batches.c.key == key)
    if not found:
        raise LedgerError(f"batch {key!r} is not in the ledger; see mlops status for what landed")
    return found[0]


def known_bytes(connection: sa.Connection, use_case: str, sha256: str) -> list[Batch]:
    """Every batch of a use case with this content, oldest first."""
    return _select(connection, batches.c.use_case == use_case, batches.c.sha256 == sha256)


def known_name(connection: sa.Connection, use_case: str, source: str, name: str) -> list[Batch]:
    """Every batch that landed under this name at this source, oldest first."""
    return _select(connection, batches.c.use_case == use_case, batches.c.source == source, batches.c.name == name)


def pending(connection: sa.Connection, use_case: str, after_id: int = 0, limit: int | None = None) -> list[Batch]:
    """Batches that landed and were not decided, with a number above `after_id`, oldest first."""
    wanted = (batches.c.use_case == use_case, batches.c.status == "landed", batches.c.id > after_id)
    return _select(connection, *wanted, limit=limit)


def accepted(connection: sa.Connection, use_case: str) -> list[Batch]:
    """Batches whose accepted rows may be trained on, oldest first."""
    return _select(connection, batches.c.use_case == use_case, batches.c.status == "accepted")


def latest(connection: sa.Connection, use_case: str, limit: int) -> list[Batch]:
    """The newest batches of a use case, newest first."""
    query = sa.select(batches).where(batches.c.use_case == use_case).order_by(batches.c.id.desc()).limit(limit)
    return [Batch(**row) for row in connection.execute(query).mappings()]


def counts(connection: sa.Connection, use_case: str) -> dict[str, int]:
    """Number of batches by status."""
    query = (
        sa.select(batches.c.status, sa.func.count())
        .where(batches.c.use_case == use_case)
        .group_by(batches.c.status)
        .order_by(batches.c.status)
    )
    return {str(status): int(count) for status, count in connection.execute(query)}


def mark_accepted(connection: sa.Connection, key: str, counted: Counts, decided_at: datetime) -> None:
    """Let the accepted rows of a batch be trained on."""
    _decide(connection, key, "accepted", counted, None, decided_at)


def mark_rejected(connection: sa.Connection, key: str, counted: Counts, reason: str, decided_at: datetime) -> None:
    """Keep a batch that broke a rule for batches as a whole out of training for good."""
    _decide(connection, key, "rejected", counted, reason, decided_at)


def mark_failed(connection: sa.Connection, key: str, reason: str, decided_at: datetime) -> None:
    """Keep a batch whose bytes could not be decoded out of training."""
    _decide(connection, key, "failed", None, reason, decided_at)


def _decide(
    connection: sa.Connection, key: str, status: Status, counted: Counts | None, reason: str | None, at: datetime
) -> None:
    values: dict[str, Any] = {"status": status, "reason": reason, "decided_at": at}
    if counted is not None:
        if counted.accepted + counted.quarantined != counted.read:
            raise LedgerError(
                f"batch {key!r}: {counted.accepted} accepted and {counted.quarantined} quarantined rows "
                f"do not make {counted.read}"
            )
        values |= {"rows_read": counted.read, "rows_accepted": counted.accepted}
        values |= {"rows_quarantined": counted.quarantined, "time_min": counted.time_min, "time_max": counted.time_max}
    done = connection.execute(sa.update(batches).where(batches.c.key == key).values(**values))
    if done.rowcount != 1:
        raise LedgerError(f"batch {key!r} is not in the ledger; see mlops status for what landed")


def _select(connection: sa.Connection, *wanted: sa.ColumnElement[bool], limit: int | None = None) -> list[Batch]:
    query = sa.select(batches).where(*wanted).order_by(batches.c.id).limit(limit)
    return [Batch(**row) for row in connection.execute(query).mappings()]
