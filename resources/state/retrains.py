"""Retrains: one row for each training run, from its data to the version it gave or the reason it gave none."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resources.state.database import UtcTime, metadata
from resources.state.promotions import promotions
from resources.state.verdicts import verdicts
from resources.state.watch import watched_version

DONE = ("registered", "refused")

retrains = sa.Table(
    "retrains",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("use_case", sa.String(64), nullable=False),
    sa.Column("dagster_run_id", sa.String(64), nullable=False),
    sa.Column("data_hash", sa.String(64), nullable=False),
    sa.Column("batches", sa.JSON, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("drift_id", sa.Integer, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("mlflow_run_id", sa.String(64)),
    sa.Column("version", sa.Integer),
    sa.Column("started_at", UtcTime, nullable=False),
    sa.Column("finished_at", UtcTime),
    sa.Column("expected", sa.JSON(none_as_null=True), comment="what it is to win back: decision.gain"),
    sa.UniqueConstraint("use_case", "dagster_run_id"),
)


@dataclass(frozen=True)
class Retrain:
    """One training run. `status`: prepared, fitted, then registered or refused; `drift_id`: last drift event it saw."""

    id: int
    use_case: str
    dagster_run_id: str
    data_hash: str
    batches: list[str]
    rows: int
    cause: str
    drift_id: int
    status: str
    reason: str | None
    mlflow_run_id: str | None
    version: int | None
    started_at: datetime
    finished_at: datetime | None
    expected: dict[str, Any] | None = None


def begin_retrain(connection: sa.Connection, **values: Any) -> Retrain:
    """The retrain of a Dagster run: written now, or the row an earlier attempt of the same run wrote."""
    table = retrains
    mine = (table.c.use_case == values["use_case"], table.c.dagster_run_id == values["dagster_run_id"])
    if connection.execute(sa.select(table.c.id).where(*mine)).first() is None:
        connection.execute(sa.insert(table).values(status="prepared", **values))
    else:
        connection.execute(sa.update(table).where(*mine).values(status="prepared", **values))
    return Retrain(**connection.execute(sa.select(table).where(*mine)).mappings().one())


def change_retrain(connection: sa.Connection, retrain_id: int, **values: Any) -> None:
    """Write fields of one retrain."""
    connection.execute(sa.update(retrains).where(retrains.c.id == retrain_id).values(**values))


def find_retrain(connection: sa.Connection, use_case: str, dagster_run_id: str | None) -> Retrain | None:
    """The retrain of a Dagster run; where that run has none (an asset started by hand), the newest."""
    rows = retrains_of(connection, use_case)
    mine = [row for row in rows if row.dagster_run_id == dagster_run_id]
    return next(iter(mine or rows), None)


def retrains_of(connection: sa.Connection, use_case: str, limit: int = 200) -> list[Retrain]:
    """The newest retrains of a use case, newest first."""
    table = retrains
    query = sa.select(table).where(table.c.use_case == use_case).order_by(table.c.id.desc()).limit(limit)
    return [Retrain(**row) for row in connection.execute(query).mappings()]


def retrain_of_version(connection: sa.Connection, use_case: str, version: int) -> Retrain | None:
    """The retrain that gave a version; None for one that was registered by hand."""
    table = retrains
    query = sa.select(table).where(table.c.use_case == use_case, table.c.version == version).limit(1)
    found = connection.execute(query).mappings().one_or_none()
    return Retrain(**found) if found else None


def drift_seen_before(connection: sa.Connection, retrain: Retrain) -> int:
    """Number of the last drift event that the retrain before this one saw; 0 before the first."""
    table = retrains
    earlier = (table.c.use_case == retrain.use_case, table.c.id < retrain.id)
    return int(connection.execute(sa.select(sa.func.max(table.c.drift_id)).where(*earlier)).scalar() or 0)


def challenger_version(connection: sa.Connection, use_case: str) -> int | None:
    """The version under test: the newest registered one, unless it was ever champion or a verdict ended its test.

    Where there is no such version it is the champion before, while that is watched.
    """
    newest = (
        sa.select(sa.func.max(retrains.c.version))
        .where(retrains.c.use_case == use_case, retrains.c.status == "registered")
        .scalar_subquery()
    )
    was_champion = sa.select(promotions.c.id).where(
        promotions.c.use_case == use_case, promotions.c.to_version == newest
    )
    ended = sa.select(verdicts.c.id).where(
        verdicts.c.use_case == use_case,
        verdicts.c.challenger_version == newest,
        verdicts.c.outcome.in_(("reject", "equivalent", "inconclusive")),
        verdicts.c.takes_over.is_(False),
    )
    found: int | None = connection.execute(sa.select(newest).where(~was_champion.exists(), ~ended.exists())).scalar()
    return watched_version(connection, use_case) if found is None else found
