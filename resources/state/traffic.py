"""How many answers and labels each arm has: counters kept with the log, so that nobody counts millions of rows."""

import sqlalchemy as sa

from resources.state.database import UtcTime, metadata

NO_CHALLENGER = 0  # part of the key, and a key holds no NULL

traffic = sa.Table(
    "traffic",
    metadata,
    sa.Column("use_case", sa.String(64), primary_key=True),
    sa.Column("champion_version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("challenger_version", sa.Integer, primary_key=True, autoincrement=False, comment="0 = no challenger"),
    sa.Column("phase", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("arm", sa.String(1), primary_key=True),
    sa.Column("answers", sa.BigInteger, nullable=False),
    sa.Column("degraded", sa.BigInteger, nullable=False),
    sa.Column("labels", sa.BigInteger, nullable=False),
    sa.Column("first_at", UtcTime, nullable=False),
    sa.Column("last_at", UtcTime, nullable=False),
)
