"""Accepted batches placed into windows of event time, and the rows of a closed window kept together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import dagster as dg
import pandas as pd

from mlops_assets.spec import Stream, UseCase
from mlops_assets.spec_stream import span
from mlops_assets.windows.contents import content_hash, in_order, rows_within
from mlops_assets.windows.placing import is_closed, place, watermark
from mlops_assets.windows.tumbling import Window
from resources.failpoint import reach
from resources.installation import Installation
from resources.state import windows
from resources.state.ledger import Batch
from resources.state.windows import KeptWindow, Part, Tally


@dataclass(frozen=True)
class Placing:
    """What a look at a stream found: all counts so far, and the closed windows whose rows are not kept together yet."""

    tally: Tally
    due: tuple[KeptWindow, ...]
    mark: datetime | None

    @property
    def sentence(self) -> str:
        """The counts in words."""
        if self.mark is None:
            return "no row with an event time has arrived"
        found = self.tally
        return (
            f"complete until {self.mark:%Y-%m-%d %H:%M:%S}: {found.closed} window(s) closed, {found.open} open; "
            f"{found.rows:,} rows in time, {found.late_rows:,} late, {found.untimed_rows:,} without a time"
        )


@dataclass(frozen=True)
class Kept:
    """A closed window, the rows that were in time, and where they are kept."""

    window: KeptWindow
    frame: pd.DataFrame
    path: str
    late: tuple[Part, ...]


def stream_of(use_case: UseCase) -> Stream:
    """How the rows of a use case form windows.

    Raises
    ------
    ValueError
        If it declares no stream.
    """
    if use_case.stream is None:
        raise ValueError(f"use case {use_case.name!r} is no stream; declare one: stream: {{window: 1d}}")
    return use_case.stream


def place_batches(installation: Installation, use_case: UseCase) -> Placing:
    """Place the accepted batches that are in no window yet, oldest first, at most `landing.runs_per_tick` of them."""
    stream, name, limit = stream_of(use_case), use_case.name, use_case.landing.runs_per_tick
    length_s = int(stream.length.total_seconds())
    with installation.state.read() as connection:
        waiting = windows.unplaced(connection, name, length_s, limit)
    for batch in waiting:
        place_batch(installation, use_case, batch)
    return read_placing(installation, use_case)


def read_placing(installation: Installation, use_case: UseCase) -> Placing:
    """What was placed so far; nothing is written."""
    stream, name, limit = stream_of(use_case), use_case.name, use_case.landing.runs_per_tick
    length_s = int(stream.length.total_seconds())
    with installation.state.read() as connection:
        found = windows.tally(connection, name, length_s)
        due = windows.due(connection, name, length_s, limit)
    return Placing(found, tuple(due), watermark(found.newest, span(stream.lateness)))


def keep_window(installation: Installation, use_case: UseCase, key: str) -> Kept:
    """The rows of a closed window that were in time, kept as one table.

    Raises
    ------
    dagster.Failure
        If the window is unknown or still open, or the lake lacks some of its rows.
    """
    with installation.state.read() as connection:
        window = windows.find_window(connection, use_case.name, key)
        parts = windows.parts_of(connection, use_case.name, [key])
    if window is None or window.status == "open":
        state = "has no row" if window is None else f"is open until event time reaches {window.end:%Y-%m-%d %H:%M:%S}"
        raise dg.Failure(f"window {key} {state}; wait for the window sensor", allow_retries=False)
    frame = rows_of_parts(installation, use_case, window, [part for part in parts if not part.late])
    if len(frame) != window.rows:
        raise dg.Failure(
            f"window {window.key}: {window.rows:,} rows were placed and the lake has {len(frame):,} of them; "
            "restore the accepted tables of its batches",
            allow_retries=False,
        )
    path = installation.lake.write_table(frame, use_case.name, "windows", f"{key}.parquet")
    reach("window_written")
    with installation.state.write() as connection:
        windows.keep_contents(connection, use_case.name, key, content_hash(frame))
        kept = windows.find_window(connection, use_case.name, key)
    reach("window_kept")
    return Kept(kept or window, frame, path, tuple(part for part in parts if part.late))


def place_batch(installation: Installation, use_case: UseCase, batch: Batch) -> None:
    """Count the rows of a batch into windows, and close what they close; once, however often it is asked for."""
    stream, name, time = stream_of(use_case), use_case.name, str(use_case.time)
    length_s, lateness = int(stream.length.total_seconds()), span(stream.lateness)
    table = installation.lake.read_table(name, "accepted", f"{batch.key}.parquet", columns=[time])
    placed = place(table[time], stream.length)
    # A time after the batch landed is an error of a clock; it must not close windows that are still being filled.
    newest = min(placed.newest, batch.landed_at) if placed.newest else None
    with installation.state.write() as connection:
        windows.stand_in_line(connection)
        if windows.is_placed(connection, name, length_s, batch.key):
            return
        before = watermark(windows.newest_time(connection, name, length_s), lateness)
        parts = {
            (window.start, window.end): Part(window.key, batch.key, rows, is_closed(window, before))
            for window, rows in placed.rows.items()
        }
        windows.add_parts(connection, name, parts)
        windows.record_placed(
            connection,
            use_case=name,
            length_s=length_s,
            batch=batch.key,
            rows=sum(placed.rows.values()),
            untimed_rows=placed.untimed,
            newest=newest,
            at=installation.clock(),
        )
        mark = watermark(windows.newest_time(connection, name, length_s), lateness)
        if mark is not None:
            windows.close_until(connection, name, length_s, mark, installation.clock())
        reach("placing")
    reach("placed")


def rows_of_parts(
    installation: Installation, use_case: UseCase, window: KeptWindow, parts: Sequence[Part]
) -> pd.DataFrame:
    """The rows of a window that some batches brought, in its order."""
    lake, time, length = installation.lake, str(use_case.time), Window(window.start, window.end)
    frames = [
        rows_within(lake.read_table(use_case.name, "accepted", f"{part.batch}.parquet"), time, length) for part in parts
    ]
    joined = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(use_case.columns))
    return in_order(joined, time)
