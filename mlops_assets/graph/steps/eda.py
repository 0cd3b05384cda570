"""A closed window explored, and all accepted rows together: pages in the lake, pictures for Dagster."""

from collections.abc import Iterator
from dataclasses import dataclass

import dagster as dg
import pandas as pd

from mlops_assets.eda.explore import Exploration, explore
from mlops_assets.eda.gathered import gather
from mlops_assets.graph.steps.windows import stream_of
from mlops_assets.report.eda_page import WindowLine, eda_html
from mlops_assets.report.eda_png import associations_png, distributions_png
from mlops_assets.spec import UseCase
from resources.failpoint import reach
from resources.installation import Installation
from resources.state import ledger, windows
from resources.state.windows import KeptWindow

ALL = "all"
WINDOWS_SHOWN = 50
MANY = 8  # windows; fewer are explored soon enough


@dataclass(frozen=True)
class Explored:
    """What some rows look like, the page of it and its two pictures; `title` says which rows."""

    title: str
    found: Exploration
    html: str
    distributions: bytes
    associations: bytes


def explore_window(installation: Installation, use_case: UseCase, key: str) -> Explored:
    """The rows of a closed window, explored.

    Raises
    ------
    dagster.Failure
        If the window's rows are not kept together yet.
    """
    with installation.state.read() as connection:
        window = windows.find_window(connection, use_case.name, key)
    if window is None or window.content_hash is None:
        raise dg.Failure(
            f"window {key}: its rows are not kept together yet; mlops run {use_case.name} does so when it is closed",
            allow_retries=False,
        )
    frame = installation.lake.read_table(use_case.name, "windows", f"{key}.parquet")
    found = explore(gather([frame], use_case), use_case)
    facts = {"batches": window.batches, "late rows": f"{window.late_rows:,}"}
    return _drawn(use_case, found, _window_title(window), eda_html(use_case, found, _window_title(window), facts))


def explore_all(installation: Installation, use_case: UseCase) -> Explored:
    """All accepted rows of a use case explored, late ones and those without a time among them, read batch by batch."""
    with installation.state.read() as connection:
        accepted = ledger.accepted(connection, use_case.name)
    found = explore(gather(_tables(installation, use_case, accepted), use_case), use_case)
    title = f"All accepted rows of {len(accepted)} batch(es)"
    lines = window_lines(installation, use_case)
    return _drawn(use_case, found, title, eda_html(use_case, found, title, {"batches": len(accepted)}, lines))


def keep_pages(installation: Installation, use_case: UseCase, key: str) -> tuple[Explored, Explored | None]:
    """A window explored and its page kept; all rows too with the last window that is due, and on the way to it.

    While many windows wait, all rows are explored whenever the number of pages is a power of two, from `MANY` on: the
    page is never older than half of the windows, and costs at most twice what its last look does.
    """
    explored = explore_window(installation, use_case, key)
    lake, name = installation.lake, use_case.name
    lake.write_bytes(explored.html.encode(), name, "eda", f"{key}.html")
    reach("window_explored")
    length_s = stream_of(use_case).size
    with installation.state.read() as connection:
        due = windows.due(connection, name, length_s, limit=1)
    pages = sum(page != f"{ALL}.html" for page in lake.names(name, "eda"))
    if due and (pages < MANY or pages & (pages - 1)):
        return explored, None
    together = explore_all(installation, use_case)
    lake.write_bytes(together.html.encode(), name, "eda", f"{ALL}.html")
    return explored, together


def window_lines(installation: Installation, use_case: UseCase) -> list[WindowLine]:
    """The newest windows of a stream, newest first; none where there is no stream."""
    if use_case.stream is None:
        return []
    length_s = use_case.stream.size
    with installation.state.read() as connection:
        found = windows.latest_windows(connection, use_case.name, length_s, WINDOWS_SHOWN)
    pages = set(installation.lake.names(use_case.name, "eda"))
    return [
        WindowLine(one.key, one.start, one.status, one.rows, one.late_rows, name if name in pages else None)
        for one, name in ((one, f"{one.key}.html") for one in found)
    ]


def _window_title(window: KeptWindow) -> str:
    return f"Window {window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} UTC, rows in time"


def _drawn(use_case: UseCase, found: Exploration, title: str, html: str) -> Explored:
    named = f"{title}: {found.rows:,} rows"
    pictures = distributions_png(found, named, use_case.target), associations_png(found, named)
    return Explored(title, found, html, *pictures)


def _tables(installation: Installation, use_case: UseCase, batches: list[ledger.Batch]) -> Iterator[pd.DataFrame]:
    for batch in batches:
        yield installation.lake.read_table(use_case.name, "accepted", f"{batch.key}.parquet")
