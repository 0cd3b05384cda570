"""The windows of a stream: what was placed into them, and the rows of a closed one kept together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import dagster as dg
import pandas as pd

from mlops_assets.spec import Stream, UseCase
from mlops_assets.spec.stream import span
from mlops_assets.windows.contents import content_hash, in_order, rows_within
from mlops_assets.windows.placing import watermark
from mlops_assets.windows.tumbling import Window
from resources.failpoint import reach
from resources.installation import Installation
from resources.state import windows
from resources.state.windows import KeptWindow, Part, Tally


@dataclass(frozen=True)
class Placing:
    """What a look at a stream found: all counts so far, and the closed windows whose rows are not kept together yet."""

    tally: Tally
    due: tuple[KeptWindow, ...]
    mark: datetime | None
    counted: int | None = None  # rows of a window, where windows are of rows

    @property
    def sentence(self) -> str:
        """The counts in words."""
        if self.mark is None:
            return "no row with an event time has arrived"
        found = self.tally
        return (
            f"{'complete until' if self.counted is None else 'newest row of'} {self.mark:%Y-%m-%d %H:%M:%S}: "
            f"{found.closed} window(s) closed, {found.open} open; "
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


def read_placing(installation: Installation, use_case: UseCase) -> Placing:
    """What was placed so far; nothing is written."""
    stream, name, limit = stream_of(use_case), use_case.name, use_case.landing.runs_per_tick
    with installation.state.read() as connection:
        found = windows.tally(connection, name, stream.size)
        due = windows.due(connection, name, stream.size, limit)
    return Placing(found, tuple(due), watermark(found.newest, span(stream.lateness)), stream.rows)


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
        raise dg.Failure(
            f"window {key} {_state(window, stream_of(use_case))}; wait for the window sensor", allow_retries=False
        )
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


def rows_of_parts(
    installation: Installation, use_case: UseCase, window: KeptWindow, parts: Sequence[Part]
) -> pd.DataFrame:
    """The rows of a window that some batches brought, in the order of event time."""
    frames = [_rows_of_part(installation, use_case, window, part) for part in parts]
    joined = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(use_case.columns))
    return in_order(joined, str(use_case.time))


def _rows_of_part(installation: Installation, use_case: UseCase, window: KeptWindow, part: Part) -> pd.DataFrame:
    stream, time = stream_of(use_case), str(use_case.time)
    frame = installation.lake.read_table(use_case.name, "accepted", f"{part.batch}.parquet")
    if stream.rows is None:
        return rows_within(frame, time, Window(window.start, window.end))
    with installation.state.read() as connection:
        before = windows.rows_of_batch_before(connection, use_case.name, stream.size, part.batch, window.key)
    timed = in_order(frame[frame[time].notna()], time)
    return timed[before : before + part.rows]


def _state(window: KeptWindow | None, stream: Stream) -> str:
    """Why a window has no table."""
    if window is None:
        return "has no row"
    if stream.rows is not None:
        return f"is open: it has {window.rows:,} of {stream.rows:,} rows"
    return f"is open until event time reaches {window.end:%Y-%m-%d %H:%M:%S}"
