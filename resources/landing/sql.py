"""Rows of a query: whatever lies behind the cursor becomes one batch in the use case's own format."""

import hashlib
import json
import os
import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mlops_assets.spec import Sql, UseCase
from resources.landing.item import Item, Listing, RefusedError, Source, open_content, stays

if TYPE_CHECKING:
    import pandas as pd  # read late: Dagster's code server imports this module at every start

VARIABLE = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")


def list_rows(source: Sql, use_case: UseCase, address: str, after: str | None) -> Listing:
    """One item with the rows behind the cursor, oldest first and at most rows_max; none when there are none.

    Raises
    ------
    RefusedError
        If the database does not answer, or more than rows_max rows share one value of the cursor.
    """
    from mlops_assets.decode.encode import encode

    start = source.start if after is None else json.loads(after)
    rows = fetch(source, start)
    if rows.empty:
        return Listing([])
    data = encode(rows, use_case)
    last = rows[source.cursor].iloc[-1]
    name, marker, cursor = f"rows-to-{_plain(last)}", hashlib.sha256(data).hexdigest(), json.dumps(_plain(last))
    return Listing([Item(name, len(data), marker, address, content=data, cursor=cursor)])


def fetch(source: Sql, after: Any) -> "pd.DataFrame":
    """Rows of the query behind `after`, in the order of the cursor.

    A fetch that is cut off by rows_max drops the last value of the cursor whole: the rest of its rows may not have been
    read, and the next fetch starts behind it.
    """
    import pandas as pd

    limit = source.rows_max + 1
    engine = _engine(source)
    cursor = engine.dialect.identifier_preparer.quote(source.cursor)
    inner = source.query.rstrip().rstrip(";")
    query = sa.text(f"select * from ({inner}) as fresh order by {cursor} limit {limit}")
    try:
        with engine.connect() as connection:
            result = connection.execute(query, {"after": after})
            rows = pd.DataFrame(result.fetchall(), columns=list(result.keys()))
    except sa.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise RefusedError(f"the database did not answer the query: {reason}") from error
    finally:
        engine.dispose()
    if source.cursor not in rows:
        given = ", ".join(map(repr, rows))
        raise RefusedError(f"its query gives no column {source.cursor!r}, which is its cursor, but {given}")
    if len(rows) < limit:
        return rows
    whole = rows[rows[source.cursor] != rows[source.cursor].iloc[-1]]
    if whole.empty:
        raise RefusedError(f"more than {source.rows_max} rows share one value of {source.cursor!r}; raise rows_max")
    return whole


def _engine(source: Sql) -> sa.Engine:
    try:
        return sa.create_engine(VARIABLE.sub(_from_environment, source.url), pool_pre_ping=True)
    except (sa.exc.ArgumentError, ImportError) as error:
        raise RefusedError(
            f"its address is none that SQLAlchemy knows, or its driver is not installed: {error}"
        ) from error
    except ValueError:  # its sentence could hold a piece of a password that has a colon
        raise RefusedError("the port in its address is no number; a colon in a password is written %3A") from None


def _from_environment(found: re.Match[str]) -> str:
    name = found.group(1)
    if name not in os.environ:
        raise RefusedError(f"its address names the variable {name}, which is not set")
    return os.environ[name]


def _plain(value: Any) -> int | float | str:
    """A value that JSON keeps and the database compares as it did."""
    value = value.item() if hasattr(value, "item") else value
    return value if isinstance(value, int | float | str) else str(value)


SQL = Source(list_rows, open_content, stays)
