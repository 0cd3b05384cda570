"""Accepted batches placed into windows, of event time or of so many rows; each batch once."""

from datetime import datetime, timedelta

import pandas as pd
import sqlalchemy as sa

from mlops_assets.graph.steps.windows import Placing, read_placing, stream_of
from mlops_assets.spec import UseCase
from mlops_assets.spec.stream import span
from mlops_assets.windows.counting import numbered_key, spread
from mlops_assets.windows.placing import aware, is_closed, place, watermark
from resources.failpoint import reach
from resources.installation import Installation
from resources.state import windows
from resources.state.ledger import Batch
from resources.state.windows import Part, Span

MOMENT = timedelta(microseconds=1)  # the least by which one window begins after another


def place_batches(installation: Installation, use_case: UseCase) -> Placing:
    """Place the accepted batches that are in no window yet, oldest first, at most `landing.runs_per_tick` of them."""
    with installation.state.read() as connection:
        waiting = windows.unplaced(connection, use_case.name, stream_of(use_case).size, use_case.landing.runs_per_tick)
    for batch in waiting:
        place_batch(installation, use_case, batch)
    return read_placing(installation, use_case)


def place_batch(installation: Installation, use_case: UseCase, batch: Batch) -> None:
    """Count the rows of a batch into windows, and close what they close; once, however often it is asked for."""
    name, time, size = use_case.name, str(use_case.time), stream_of(use_case).size
    times = installation.lake.read_table(name, "accepted", f"{batch.key}.parquet", columns=[time])[time]
    add = _add_by_time if size > 0 else _add_by_rows
    # A time after the batch landed is an error of a clock; it must not close windows that are still being filled.
    newest = None if times.isna().all() else min(aware(times.max()), batch.landed_at)
    with installation.state.write() as connection:
        windows.stand_in_line(connection)
        if windows.is_placed(connection, name, size, batch.key):
            return
        add(connection, use_case, batch, times, newest, installation.clock())
        reach("placing")
    reach("placed")


def _add_by_time(
    connection: sa.Connection, use_case: UseCase, batch: Batch, times: pd.Series, newest: datetime | None, at: datetime
) -> None:
    stream, name = stream_of(use_case), use_case.name
    placed, lateness = place(times, stream.length), span(stream.lateness)
    before = watermark(windows.newest_time(connection, name, stream.size), lateness)
    parts = {
        (window.start, window.end): Part(window.key, batch.key, rows, is_closed(window, before))
        for window, rows in placed.rows.items()
    }
    _record(connection, use_case, batch, times, newest, at, parts)
    mark = watermark(windows.newest_time(connection, name, stream.size), lateness)
    if mark is not None:
        windows.close_until(connection, name, stream.size, mark, at)


def _add_by_rows(
    connection: sa.Connection, use_case: UseCase, batch: Batch, times: pd.Series, newest: datetime | None, at: datetime
) -> None:
    name, size = use_case.name, stream_of(use_case).size
    ordered = times.dropna().sort_values().reset_index(drop=True)
    last = next(iter(windows.latest_windows(connection, name, size, 1)), None)
    begun, parts = None if last is None else last.start, {}
    for number, positions in spread(len(ordered), windows.placed_rows(connection, name, size), -size).items():
        key = numbered_key(number, -size)
        first, end = (min(aware(ordered[at]), batch.landed_at) for at in (positions[0], positions[-1]))
        if last is not None and last.key == key:  # a batch before has begun it
            start = last.start
            windows.extend(connection, name, key, end)
        else:
            start = first if begun is None else max(first, begun + MOMENT)
        parts[start, max(start, end)] = Part(key, batch.key, len(positions), late=False)
        begun = start
    _record(connection, use_case, batch, times, newest, at, parts)
    windows.close_full(connection, name, -size, at)


def _record(
    connection: sa.Connection,
    use_case: UseCase,
    batch: Batch,
    times: pd.Series,
    newest: datetime | None,
    at: datetime,
    parts: dict[Span, Part],
) -> None:
    name, size, untimed = use_case.name, stream_of(use_case).size, int(times.isna().sum())
    windows.add_parts(connection, name, size, parts)
    windows.record_placed(
        connection,
        use_case=name,
        length_s=size,
        batch=batch.key,
        rows=len(times) - untimed,
        untimed_rows=untimed,
        newest=newest,
        at=at,
    )
