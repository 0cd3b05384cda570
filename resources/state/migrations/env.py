"""Alembic's environment: the address comes from the caller, the tables from this package."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from resources.state import tables  # noqa: F401 - puts every table on the metadata
from resources.state.database import UtcTime, metadata


def render_item(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """A moment is text in the database; a migration must not depend on today's types."""
    return "sa.String(length=32)" if kind == "type" and isinstance(item, UtcTime) else False


engine = sa.create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, render_item=render_item)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
