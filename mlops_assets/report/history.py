"""The line of champions of a use case: since when each was champion, why, on what evidence, until when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlops_assets.report.page import table

COLUMNS = ("version", "since", "until", "how", "by", "evidence", "held against", "certificate")
HASH_SHOWN = 12
NOT_WRITTEN = "none yet"


@dataclass(frozen=True)
class Reign:
    """One version's time as champion; `until` is None while it lasts.

    `labels` and the interval (of the loss difference to the champion before, positive = better) are those of the
    verdict that it came by, None where a person decided. `held_against` are versions that were tried in this time and
    did not take over, with how that ended. `certificate` and `sha256` are None until it is written.
    """

    version: int
    since: datetime
    until: datetime | None
    how: str
    by: str
    why: str
    labels: int | None
    estimate: float | None
    low: float | None
    high: float | None
    held_against: tuple[str, ...]
    certificate: str | None
    sha256: str | None


def history_rows(reigns: Iterable[Reign]) -> list[tuple[Any, ...]]:
    """Cells under COLUMNS, one row a reign."""
    return [
        (
            one.version,
            moment(one.since),
            moment(one.until) if one.until else "now",
            one.how,
            one.by,
            _evidence(one),
            ", ".join(one.held_against),
            f"{one.certificate} {one.sha256[:HASH_SHOWN]}" if one.certificate and one.sha256 else NOT_WRITTEN,
        )
        for one in reigns
    ]


def history_html(reigns: Sequence[Reign]) -> str:
    """The line as a table of a page, the reasons with it."""
    rows = [(*row, one.why) for row, one in zip(history_rows(reigns), reigns, strict=True)]
    return table((*COLUMNS, "why"), rows, "no champion yet")


def moment(value: datetime) -> str:
    """A moment to the minute, in UTC."""
    return f"{value:%Y-%m-%d %H:%M}"


def _evidence(one: Reign) -> str | None:
    if one.labels is None or one.estimate is None or one.low is None or one.high is None:
        return None
    return f"{one.labels:,} labels: better by {one.estimate:.4g} ({one.low:.4g} to {one.high:.4g})"
