"""One statement about many ids, in few pieces: databases limit the bind parameters of a statement."""

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

IDS_PER_STATEMENT = 1_000


def select_about(
    connection: sa.Connection, query: sa.Select[Any], column: sa.ColumnElement[Any], ids: Iterable[Any]
) -> Iterator[sa.Row[Any]]:
    """Rows of a query whose `column` is one of `ids`."""
    for block in _blocks(ids):
        yield from connection.execute(query.where(column.in_(block)))


def delete_about(connection: sa.Connection, column: sa.Column[Any], ids: Iterable[Any]) -> None:
    """Delete the rows of a table whose `column` is one of `ids`."""
    for block in _blocks(ids):
        connection.execute(sa.delete(column.table).where(column.in_(block)))


def _blocks(ids: Iterable[Any]) -> Iterator[list[Any]]:
    distinct = list(dict.fromkeys(ids))
    return (distinct[start : start + IDS_PER_STATEMENT] for start in range(0, len(distinct), IDS_PER_STATEMENT))
