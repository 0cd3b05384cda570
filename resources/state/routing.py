"""How the traffic of each use case is split: one row per use case, changed by compare-and-set.

The salt is drawn once and stored, so that a unit keeps its bucket over restarts, processes and machines. A changed
split opens a new phase: evidence about the split itself (counts per arm) is comparable only within one.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from resources.state import audit
from resources.state.conflict import ConflictError
from resources.state.database import UtcTime, metadata

SALT_BYTES = 16

routing = sa.Table(
    "routing",
    metadata,
    sa.Column("use_case", sa.String(64), primary_key=True),
    sa.Column("split_b", sa.Float, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("salt", sa.String(64), nullable=False),
    sa.Column("phase", sa.Integer, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.Column("by", sa.String(128), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False, server_default="ab"),
    sa.Column("ramp", sa.JSON(none_as_null=True)),
    sa.Column("ramp_started_at", UtcTime),
    sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
)


@dataclass(frozen=True)
class Routing:
    """The split of one use case: the share of units that arm B answers, 0..1."""

    use_case: str
    split_b: float
    version: int
    salt: str
    phase: int
    updated_at: datetime
    by: str
    kind: str = "ab"
    ramp: list[dict[str, float]] | None = None
    ramp_started_at: datetime | None = None
    paused: bool = False


def read_routing(connection: sa.Connection, use_case: str) -> Routing | None:
    """The split of a use case; None before it was opened."""
    row = connection.execute(sa.select(routing).where(routing.c.use_case == use_case)).mappings().one_or_none()
    return Routing(**row) if row else None


def open_routing(connection: sa.Connection, use_case: str, split_b: float, *, at: datetime, by: str) -> Routing:
    """The split of a use case, created with `split_b` and a fresh salt when there is none yet."""
    found = read_routing(connection, use_case)
    if found is not None:
        return found
    first = Routing(use_case, _share(split_b), 1, secrets.token_hex(SALT_BYTES), 1, at, by)
    connection.execute(_insert_once(connection).values(**vars(first)))
    return read_routing(connection, use_case) or first


def change_routing(
    connection: sa.Connection, use_case: str, split_b: float, *, expected: int, at: datetime, by: str
) -> Routing:
    """The split after setting it to `split_b`; the same split again changes nothing.

    Raises
    ------
    ConflictError
        If the version is not `expected` any more, or the split was never opened.
    ValueError
        If `split_b` is not in 0..1.
    """
    before = read_routing(connection, use_case)
    if before is None or before.version != expected:
        raise _conflict(use_case, expected, before)
    if before.split_b == _share(split_b):
        return before
    after = Routing(use_case, float(split_b), expected + 1, before.salt, before.phase + 1, at, by)
    same = (routing.c.use_case == use_case) & (routing.c.version == expected)
    if connection.execute(routing.update().where(same).values(**vars(after))).rowcount != 1:
        raise _conflict(use_case, expected, read_routing(connection, use_case))
    audit.record(connection, audit.Change(by, "config", at, use_case, _shown(before), _shown(after)))
    return after


def _share(split_b: float) -> float:
    if not 0 <= split_b <= 1:
        raise ValueError(f"split_b: a share from 0 to 1 is due, got {split_b!r}")
    return float(split_b)


def _insert_once(connection: sa.Connection) -> sa.Insert:
    """An insert that leaves a row of a faster process alone."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_postgresql

        return insert_postgresql(routing).on_conflict_do_nothing()
    return sa.insert(routing)


def _conflict(use_case: str, expected: int, found: Routing | None) -> ConflictError:
    state = f"at version {found.version} with split_b {found.split_b}" if found else "not open yet"
    return ConflictError(f"routing of {use_case!r}: expected version {expected}, it is {state}; read it again")


def _shown(value: Routing) -> dict[str, float | int]:
    return {"split_b": value.split_b, "version": value.version, "phase": value.phase}
