"""Units met in each phase of an experiment: a unit keeps its arm, so only its first answer is a draw of the arm.

A request that names nobody is a unit of its own, which is known without a look at this table.
"""

from typing import Any

import sqlalchemy as sa

from resources.state.database import metadata

units = sa.Table(
    "units",
    metadata,
    sa.Column("use_case", sa.String(64), primary_key=True),
    sa.Column("champion_version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("challenger_version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("phase", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("unit_id", sa.String(256), primary_key=True),
    sqlite_with_rowid=False,
)
Met = tuple[Any, ...]  # a row of this table
MEET = f"INSERT INTO units ({', '.join(units.c.keys())}) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"


def forget_units(connection: sa.Connection, use_case: str, running: tuple[int, int] | None) -> None:
    """Remove the units of ended experiments; `running` are the versions of the one that goes on."""
    ended = units.c.use_case == use_case
    if running is not None:
        champion, challenger = running
        ended &= (units.c.champion_version != champion) | (units.c.challenger_version != challenger)
    connection.execute(sa.delete(units).where(ended))
