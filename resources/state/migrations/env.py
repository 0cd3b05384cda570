"""Alembic's environment: the address comes from the caller, the tables from this package.

All revisions that are due are one transaction, so that a process killed on the way leaves the database as it was.
"""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from resources.state import tables  # noqa: F401 - puts every table on the metadata
from resources.state.database import State, UtcTime, metadata
from resources.state.migrate import LINE


def render_item(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """A moment is text in the database; a migration must not depend on today's types."""
    return "sa.String(length=32)" if kind == "type" and isinstance(item, UtcTime) else False


def wait_for_others(connection: sa.Connection) -> None:
    """Let no other process migrate until this transaction ends; on SQLite its beginning says so already."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LINE)))


state = State(context.config.attributes["url"])
with state.engine.connect() as connection:
    # Alembic takes SQLite for a database whose tables change outside of transactions; with ours they do not.
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=render_item,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        wait_for_others(connection)
        context.run_migrations()
state.close()
