"""Which version is champion, and how it became so: append-only, the last row of a use case counts.

The row comes first, the registry's alias second; after a crash between the two the alias is set to what the row says.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from resources.state import audit
from resources.state.conflict import ConflictError
from resources.state.database import UtcTime, metadata

PromotionKind = Literal["first", "promote", "rollback"]

promotions = sa.Table(
    "promotions",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("use_case", sa.String(64), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("from_version", sa.Integer),
    sa.Column("to_version", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("verdict_id", sa.BigInteger),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("by", sa.String(128), nullable=False),
    sa.Column("watch_labels", sa.Integer, nullable=False),
    sa.UniqueConstraint("use_case", "number"),  # two writers that both read n cannot both write n + 1
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class Promotion:
    """One change of champion; `number` counts from 1 per use case, `from_version` is None for the first.

    `watch_labels`: for so many labels the champion before goes on scoring in the shadow.
    """

    use_case: str
    number: int
    from_version: int | None
    to_version: int
    kind: PromotionKind
    reason: str
    at: datetime
    by: str
    verdict_id: int | None = None
    watch_labels: int = 0


def current(connection: sa.Connection, use_case: str) -> int | None:
    """Version that is champion by the last row; None before the first."""
    rows = history(connection, use_case, limit=1)
    return rows[0].to_version if rows else None


def previous(connection: sa.Connection, use_case: str) -> int | None:
    """Version that a rollback restores: the one the champion replaced; None when there is none."""
    rows = history(connection, use_case, limit=1)
    return rows[0].from_version if rows else None


def newest(connection: sa.Connection) -> int:
    """Number that grows with every promotion of whichever use case; 0 before the first."""
    return int(connection.execute(sa.select(sa.func.max(promotions.c.id))).scalar() or 0)


def history(connection: sa.Connection, use_case: str, limit: int | None = None) -> list[Promotion]:
    """Changes of champion, newest first."""
    columns = [promotions.c[name] for name in Promotion.__dataclass_fields__]
    query = sa.select(*columns).where(promotions.c.use_case == use_case).order_by(promotions.c.number.desc())
    return [Promotion(**row) for row in connection.execute(query.limit(limit)).mappings()]


def promote(
    connection: sa.Connection,
    use_case: str,
    to_version: int,
    *,
    expected: int | None,
    kind: PromotionKind,
    reason: str,
    at: datetime,
    by: str,
    verdict_id: int | None = None,
    watch_labels: int = 0,
) -> Promotion:
    """Make `to_version` champion in place of `expected` (None: there is no champion yet).

    Raises
    ------
    ConflictError
        If the champion is not `expected` any more.
    """
    last = history(connection, use_case, limit=1)
    found = last[0].to_version if last else None
    if found != expected:
        raise _conflict(use_case, expected, found)
    number = last[0].number + 1 if last else 1
    row = Promotion(use_case, number, expected, to_version, kind, reason, at, by, verdict_id, watch_labels)
    try:
        connection.execute(promotions.insert().values(**vars(row)))
    except sa.exc.IntegrityError as error:
        raise _conflict(use_case, expected, "changed by another writer in this moment") from error
    audit.record(connection, audit.Change(by, kind, at, use_case, expected, {"version": to_version, "reason": reason}))
    return row


def _conflict(use_case: str, expected: int | None, found: int | str | None) -> ConflictError:
    return ConflictError(f"champion of {use_case!r}: expected version {expected}, it is {found}; read it again")
