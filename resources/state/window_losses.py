"""The champion's losses on closed windows: one row for each window and version, in the order of scoring."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resources.state.database import UtcTime, metadata

window_losses = sa.Table(
    "window_losses",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("use_case", sa.String(64), nullable=False),
    sa.Column("window", sa.String(64), nullable=False),
    sa.Column("champion_version", sa.Integer, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("sentence", sa.Text, nullable=False),
    sa.Column("losses", sa.JSON(none_as_null=True), comment="of the labelled rows that it never saw: loss.sketch"),
    sa.Column("at", UtcTime, nullable=False),
    sa.UniqueConstraint("use_case", "window", "champion_version"),
)


@dataclass(frozen=True)
class WindowLoss:
    """What a window said about a champion; `losses` is None where it had no labelled row that is new to it."""

    id: int
    use_case: str
    window: str
    champion_version: int
    status: str
    sentence: str
    losses: dict[str, Any] | None
    at: datetime


def record_window_loss(connection: sa.Connection, **values: Any) -> None:
    """Write what a window said, the fields of WindowLoss without its id; once for each window and version."""
    same = [window_losses.c[name] == values[name] for name in ("use_case", "window", "champion_version")]
    if connection.execute(sa.select(window_losses.c.id).where(*same)).first() is None:
        connection.execute(sa.insert(window_losses).values(**values))


def losses_before(connection: sa.Connection, use_case: str, version: int, window: str) -> list[WindowLoss]:
    """The windows with losses on which this champion was scored before `window`, in the order of scoring."""
    table = window_losses
    mine = (table.c.use_case == use_case, table.c.champion_version == version)
    this = sa.select(table.c.id).where(*mine, table.c.window == window).scalar_subquery()
    before = sa.or_(this.is_(None), table.c.id < this)
    query = sa.select(table).where(*mine, table.c.losses.is_not(None), before).order_by(table.c.id)
    return [WindowLoss(**row) for row in connection.execute(query).mappings()]


def latest_window_loss(connection: sa.Connection, use_case: str) -> WindowLoss | None:
    """The newest; None before the first."""
    table = window_losses
    query = sa.select(table).where(table.c.use_case == use_case).order_by(table.c.id.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return None if row is None else WindowLoss(**row)
