"""What the log's writer says to a database, in as few statements as rows allow.

SQLite's driver hands the processor over with each step of a statement, and gets it back when the other threads are
done with it. So many rows go into one statement.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

import orjson

from resources.state.labelling import LINE
from resources.state.late_scores import FILL
from resources.state.prediction import Side

ROWS_PER_STATEMENT = 64  # of the widest table some 900 values, of which SQLite takes 32,766
VALUES = re.compile(r"VALUES (\([^)]*\))")
LABELLED = "SELECT 1 FROM labels WHERE prediction_id IN (SELECT value FROM json_each(?)) LIMIT 1"
LABELLED_POSTGRESQL = "SELECT 1 FROM labels WHERE prediction_id = ANY(%s) LIMIT 1"
FILL_MANY: dict[Side, str] = {
    side: f"""
WITH late (value, id) AS (VALUES (?, ?))
UPDATE predictions SET {side}_value = late.value FROM late
WHERE predictions.prediction_id = late.id AND {side}_value IS NULL
"""
    for side in FILL
}


def run_many(cursor: Any, statement: str, rows: Sequence[Sequence[Any]], dialect: str) -> int:
    """Run a statement with the VALUES of one row, written with `?`, for many; how many rows it wrote."""
    if dialect == "postgresql":
        cursor.executemany(statement.replace("?", "%s"), rows)
        return int(cursor.rowcount)
    written = 0
    for start in range(0, len(rows), ROWS_PER_STATEMENT):
        block = rows[start : start + ROWS_PER_STATEMENT]
        written += cursor.execute(_several(statement, len(block)), list(chain.from_iterable(block))).rowcount
    return written


def fill_many(cursor: Any, side: Side, values: Sequence[tuple[str | None, str]], dialect: str) -> None:
    """Write late values, of (JSON of the value, prediction id); a value that is there stays."""
    if dialect == "postgresql":
        cursor.executemany(FILL[side].replace("?", "%s"), values)
    else:
        run_many(cursor, FILL_MANY[side], values, dialect)


def any_labelled(cursor: Any, ids: list[str], dialect: str) -> bool:
    """True when one of these predictions has its label; on PostgreSQL nobody labels from here to the commit."""
    if dialect == "postgresql":
        cursor.execute(f"SELECT pg_advisory_xact_lock({LINE})")
        cursor.execute(LABELLED_POSTGRESQL, (ids,))
    else:
        cursor.execute(LABELLED, (orjson.dumps(ids).decode(),))
    return cursor.fetchone() is not None


@cache
def _several(statement: str, rows: int) -> str:
    return VALUES.sub(lambda found: f"VALUES {', '.join([found[1]] * rows)}", statement, count=1)
