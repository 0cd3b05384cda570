"""The state database: one engine, WAL and BEGIN IMMEDIATE on SQLite, plain transactions on PostgreSQL.

Tables stand in this folder, one file per concern, all on `metadata`. A function of such a file takes an open connection
so that several of them can share one transaction.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm  # MLflow imports it later in another thread; nobody may see half of it

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

CONNECT_TIMEOUT_S = 10
PRAGMAS: dict[str, str | int] = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": 30_000,  # milliseconds
}


def utc_text(moment: datetime) -> str:
    """ISO 8601 text of an aware datetime, in UTC."""
    if moment.tzinfo is None:
        raise ValueError(f"a time zone is due, got {moment!r}")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def marks(statement: str, dialect: sa.Dialect) -> str:
    """A statement written with `?` for values, as the driver of this dialect wants it."""
    return statement if dialect.name == "sqlite" else statement.replace("?", "%s")


class UtcTime(sa.TypeDecorator[datetime]):
    """A moment, stored as ISO 8601 text in UTC, which sorts and reads the same on every database."""

    impl = sa.String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> str | None:
        """Text of an aware datetime."""
        if value is None:
            return None
        return utc_text(value)

    def process_result_value(self, value: str | None, dialect: Any) -> datetime | None:
        """Aware datetime of the stored text."""
        return None if value is None else datetime.fromisoformat(value)


class State:
    """Connections to the state database.

    Parameters
    ----------
    url : str
        SQLAlchemy address, `sqlite:////folder/state.db` or `postgresql+psycopg://...`.
    pragmas : str or int
        What differs from PRAGMAS, for SQLite.
    """

    def __init__(self, url: str, **pragmas: str | int) -> None:
        self.url = url
        self.engine = sa.create_engine(url, pool_pre_ping=True, connect_args=_limits(url))
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", partial(_configure_sqlite, PRAGMAS | pragmas))
            sa.event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that may write: committed at the end, rolled back on an error."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only reads and never waits for a writer."""
        with self.engine.connect().execution_options(reading=True) as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _limits(url: str) -> dict[str, int]:
    """How long the driver may try to connect; SQLite's has nobody to wait for."""
    waits = sa.make_url(url).get_backend_name() == "postgresql"
    return {"connect_timeout": CONNECT_TIMEOUT_S} if waits else {}


def _configure_sqlite(pragmas: Mapping[str, str | int], connection: Any, _: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event, not the driver, opens transactions
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name}={value}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another wrote in between.
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
