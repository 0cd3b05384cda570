"""Who changed what, and who was refused: append-only.

A change that a request makes carries the request's role, route and id; whoever answers requests says them once, in
`asking`, so that no function between has to hand them on.
"""

from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resources.state.database import UtcTime, metadata

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("who", sa.String(128), nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("use_case", sa.String(64), index=True),
    sa.Column("before", sa.JSON(none_as_null=True)),
    sa.Column("after", sa.JSON(none_as_null=True)),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("role", sa.String(16)),
    sa.Column("route", sa.String(128)),
    sa.Column("request_id", sa.String(64)),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class Change:
    """One change: `before` and `after` are JSON-ready, None where there was or is nothing."""

    who: str
    action: str
    at: datetime
    use_case: str | None = None
    before: Any = None
    after: Any = None
    role: str | None = None
    route: str | None = None
    request_id: str | None = None


@dataclass(frozen=True)
class Asking:
    """The request that is answered now."""

    role: str
    route: str
    request_id: str


asking: ContextVar[Asking | None] = ContextVar("asking", default=None)


def record(connection: sa.Connection, change: Change) -> None:
    """Append one change; call it in the transaction that makes the change."""
    request = asking.get()
    full = replace(change, **vars(request)) if request is not None else change
    connection.execute(audit.insert().values(**vars(full)))


def last_changes(connection: sa.Connection, use_case: str | None, limit: int = 20) -> list[Change]:
    """The newest changes of a use case, newest first; None: of all, and those of none, such as keys and refusals."""
    of_one = audit.c.use_case == use_case if use_case is not None else sa.true()
    query = sa.select(audit).where(of_one).order_by(audit.c.id.desc()).limit(limit)
    rows = connection.execute(query).mappings()
    return [Change(**{name: value for name, value in row.items() if name != "id"}) for row in rows]
