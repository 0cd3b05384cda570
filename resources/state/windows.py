"""Windows of a stream: which batches were placed, how many of their rows are in which window, which are closed.

A batch is placed once for each length of window, whole, in the transaction that closes what it closes. Its accepted
rows stay in the batch's table; `parts` say which window they belong to and whether they came too late for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from resources.state.database import UtcTime, metadata
from resources.state.ledger import Batch, batches

BLOCK = 500  # names in one statement
LINE = 7_320_009  # of the advisory lock, any number that nobody else takes
Status = Literal["open", "closed"]
Span = tuple[datetime, datetime]

windows = sa.Table(
    "windows",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("use_case", sa.String(64), nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("length_s", sa.BigInteger, nullable=False, comment="seconds, or minus the rows of a window"),
    sa.Column("start", UtcTime, nullable=False),
    sa.Column("end", UtcTime, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False, comment="in time"),
    sa.Column("late_rows", sa.BigInteger, nullable=False, comment="after it was closed"),
    sa.Column("batches", sa.Integer, nullable=False, comment="with rows of it, late ones too"),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("closed_at", UtcTime),
    sa.Column("content_hash", sa.String(64), comment="of the rows in time, once they are kept together"),
    sa.UniqueConstraint("use_case", "key"),
    sa.Index("ix_windows_use_case_length_s_start", "use_case", "length_s", "start"),
)

window_parts = sa.Table(
    "window_parts",
    metadata,
    sa.Column("use_case", sa.String(64), primary_key=True),
    sa.Column("window", sa.String(64), primary_key=True),
    sa.Column("batch", sa.String(80), primary_key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("late", sa.Boolean, nullable=False),
)

placed_batches = sa.Table(
    "placed_batches",
    metadata,
    sa.Column("use_case", sa.String(64), primary_key=True),
    sa.Column("length_s", sa.BigInteger, primary_key=True),
    sa.Column("batch", sa.String(80), primary_key=True),
    sa.Column("rows", sa.BigInteger, nullable=False, comment="with an event time"),
    sa.Column("untimed_rows", sa.BigInteger, nullable=False, comment="without one: in no window"),
    sa.Column("newest", UtcTime, comment="event time, at most the moment the batch landed"),
    sa.Column("at", UtcTime, nullable=False),
)


@dataclass(frozen=True)
class KeptWindow:
    """One window: its rows in time and late ones; `content_hash` is None until the rows are kept together."""

    key: str
    start: datetime
    end: datetime
    rows: int
    late_rows: int
    batches: int
    status: Status
    closed_at: datetime | None
    content_hash: str | None


@dataclass(frozen=True)
class Part:
    """Rows of one batch in a window."""

    window: str
    batch: str
    rows: int
    late: bool


@dataclass(frozen=True)
class Tally:
    """All placed rows of a use case: in time, late, without a time; windows by status; the newest event time."""

    rows: int
    late_rows: int
    untimed_rows: int
    open: int
    closed: int
    newest: datetime | None


def stand_in_line(connection: sa.Connection) -> None:
    """Wait until no other transaction places batches; SQLite lets one write at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LINE)))


def unplaced(connection: sa.Connection, use_case: str, length_s: int, limit: int | None = None) -> list[Batch]:
    """Accepted batches whose rows are in no window of this length yet, oldest first."""
    known = sa.select(placed_batches.c.batch).where(
        placed_batches.c.use_case == use_case, placed_batches.c.length_s == length_s
    )
    query = (
        sa.select(batches)
        .where(batches.c.use_case == use_case, batches.c.status == "accepted", batches.c.key.not_in(known))
        .order_by(batches.c.id)
        .limit(limit)
    )
    return [Batch(**row) for row in connection.execute(query).mappings()]


def is_placed(connection: sa.Connection, use_case: str, length_s: int, batch: str) -> bool:
    """True where the rows of a batch are counted already."""
    table = placed_batches
    mine = (table.c.use_case == use_case, table.c.length_s == length_s, table.c.batch == batch)
    return connection.execute(sa.select(table.c.batch).where(*mine)).first() is not None


def newest_time(connection: sa.Connection, use_case: str, length_s: int) -> datetime | None:
    """The newest event time of all placed batches; None before the first."""
    table = placed_batches
    query = sa.select(sa.func.max(table.c.newest)).where(table.c.use_case == use_case, table.c.length_s == length_s)
    found: datetime | None = connection.execute(query).scalar()
    return found


def record_placed(connection: sa.Connection, **values: Any) -> None:
    """Write that a batch is placed; `values` are the columns of `placed_batches`."""
    connection.execute(sa.insert(placed_batches).values(**values))


def add_parts(connection: sa.Connection, use_case: str, length_s: int, parts: Mapping[Span, Part]) -> None:
    """Count rows of a batch into their windows; a window is made with its first rows.

    Parameters
    ----------
    parts : mapping
        (start, end) of the window -> the rows.
    """
    known = _known_keys(connection, use_case, [part.window for part in parts.values()])
    new = [_new_window(use_case, length_s, span, part) for span, part in parts.items() if part.window not in known]
    _run_many(connection, sa.insert(windows), new)
    for counter, late in ((windows.c.rows, False), (windows.c.late_rows, True)):
        more = {counter.name: counter + sa.bindparam("more"), "batches": windows.c.batches + 1}
        change = sa.update(windows).where(windows.c.use_case == use_case, windows.c.key == sa.bindparam("window_key"))
        found = [{"window_key": part.window, "more": part.rows} for part in parts.values() if part.late == late]
        _run_many(connection, change.values(**more), found)
    _run_many(connection, sa.insert(window_parts), [{"use_case": use_case, **vars(part)} for part in parts.values()])


def close_until(connection: sa.Connection, use_case: str, length_s: int, mark: datetime, at: datetime) -> int:
    """Number of open windows just closed: those that end at `mark` or before."""
    ended = (windows.c.use_case == use_case, windows.c.length_s == length_s, windows.c.end <= mark)
    query = sa.update(windows).where(*ended, windows.c.status == "open").values(status="closed", closed_at=at)
    return connection.execute(query).rowcount


def extend(connection: sa.Connection, use_case: str, key: str, end: datetime) -> None:
    """Let a window of so many rows reach until `end`, where it does not already."""
    mine = (windows.c.use_case == use_case, windows.c.key == key, windows.c.end < end)
    connection.execute(sa.update(windows).where(*mine).values(end=end))


def close_full(connection: sa.Connection, use_case: str, size: int, at: datetime) -> int:
    """Number of open windows of `size` rows just closed: those that have them."""
    full = (windows.c.use_case == use_case, windows.c.length_s == -size, windows.c.rows >= size)
    query = sa.update(windows).where(*full, windows.c.status == "open").values(status="closed", closed_at=at)
    return connection.execute(query).rowcount


def placed_rows(connection: sa.Connection, use_case: str, length_s: int) -> int:
    """Rows of all batches that were placed at this length."""
    mine = (placed_batches.c.use_case == use_case, placed_batches.c.length_s == length_s)
    return int(connection.execute(sa.select(sa.func.sum(placed_batches.c.rows)).where(*mine)).scalar() or 0)


def rows_of_batch_before(connection: sa.Connection, use_case: str, length_s: int, batch: str, key: str) -> int:
    """Rows of a batch in the windows of this length whose names come before `key`."""
    table = window_parts
    query = (
        sa.select(sa.func.sum(table.c.rows))
        .join(windows, (windows.c.use_case == table.c.use_case) & (windows.c.key == table.c.window))
        .where(
            table.c.use_case == use_case, table.c.batch == batch, table.c.window < key, windows.c.length_s == length_s
        )
    )
    return int(connection.execute(query).scalar() or 0)


def due(connection: sa.Connection, use_case: str, length_s: int, limit: int | None = None) -> list[KeptWindow]:
    """Closed windows with rows in time that are not kept together yet, in the order of time."""
    return _select(connection, use_case, windows.c.length_s == length_s, *_due(), order=windows.c.start, limit=limit)


def kept_windows(
    connection: sa.Connection, use_case: str, length_s: int, after: datetime | None = None
) -> list[KeptWindow]:
    """Closed windows of this length whose rows are kept together, in the order of time; those that begin later."""
    wanted = [windows.c.length_s == length_s, windows.c.status == "closed", windows.c.content_hash.is_not(None)]
    if after is not None:
        wanted.append(windows.c.start > after)
    return _select(connection, use_case, *wanted, order=windows.c.start)


def find_window(connection: sa.Connection, use_case: str, key: str) -> KeptWindow | None:
    """The window of a key; None where no row was ever placed in it."""
    return next(iter(_select(connection, use_case, windows.c.key == key, order=windows.c.start)), None)


def latest_windows(connection: sa.Connection, use_case: str, length_s: int, limit: int = 50) -> list[KeptWindow]:
    """The newest windows of this length, newest first."""
    order = windows.c.start.desc()
    return _select(connection, use_case, windows.c.length_s == length_s, order=order, limit=limit)


def parts_of(connection: sa.Connection, use_case: str, keys: Iterable[str]) -> list[Part]:
    """Where the rows of some windows lie, in the order of windows and batches."""
    table = window_parts
    query = (
        sa.select(table.c.window, table.c.batch, table.c.rows, table.c.late)
        .where(table.c.use_case == use_case, table.c.window.in_(list(keys)))
        .order_by(table.c.window, table.c.batch)
    )
    return [Part(*row) for row in connection.execute(query)]


def keep_contents(connection: sa.Connection, use_case: str, key: str, content_hash: str) -> None:
    """Write that the rows of a closed window lie together, under this hash."""
    mine = (windows.c.use_case == use_case, windows.c.key == key)
    connection.execute(sa.update(windows).where(*mine).values(content_hash=content_hash))


def tally(connection: sa.Connection, use_case: str, length_s: int) -> Tally:
    """What was placed so far; rows in time + late rows + untimed rows = accepted rows of the placed batches."""
    mine = (windows.c.use_case == use_case, windows.c.length_s == length_s)
    is_open = sa.func.count(sa.case((windows.c.status == "open", 1)))
    query = sa.select(sa.func.sum(windows.c.rows), sa.func.sum(windows.c.late_rows), is_open, sa.func.count())
    rows, late, still_open, count = connection.execute(query.where(*mine)).one()
    placed = (placed_batches.c.use_case == use_case, placed_batches.c.length_s == length_s)
    untimed = connection.execute(sa.select(sa.func.sum(placed_batches.c.untimed_rows)).where(*placed)).scalar()
    newest = newest_time(connection, use_case, length_s)
    return Tally(int(rows or 0), int(late or 0), int(untimed or 0), int(still_open), int(count - still_open), newest)


def _due() -> tuple[sa.ColumnElement[bool], ...]:
    return windows.c.status == "closed", windows.c.rows > 0, windows.c.content_hash.is_(None)


def _known_keys(connection: sa.Connection, use_case: str, keys: Sequence[str]) -> set[str]:
    query = sa.select(windows.c.key).where(windows.c.use_case == use_case)
    found: set[str] = set()
    for at in range(0, len(keys), BLOCK):
        found |= set(connection.execute(query.where(windows.c.key.in_(keys[at : at + BLOCK]))).scalars())
    return found


def _new_window(use_case: str, length_s: int, span: Span, part: Part) -> dict[str, Any]:
    start, end = span
    new = {"use_case": use_case, "key": part.window, "start": start, "end": end, "status": "open"}
    return new | {"length_s": length_s, "rows": 0, "late_rows": 0, "batches": 0}


def _run_many(connection: sa.Connection, statement: Any, values: Sequence[Mapping[str, Any]]) -> None:
    if values:
        connection.execute(statement, list(values))


def _select(
    connection: sa.Connection, use_case: str, *wanted: sa.ColumnElement[bool], order: Any, limit: int | None = None
) -> list[KeptWindow]:
    columns = [windows.c[name] for name in KeptWindow.__dataclass_fields__]
    query = sa.select(*columns).where(windows.c.use_case == use_case, *wanted).order_by(order).limit(limit)
    return [KeptWindow(**row) for row in connection.execute(query).mappings()]
