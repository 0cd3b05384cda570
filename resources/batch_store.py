"""A validated batch kept in two steps: its files first, each whole under its final name, then one ledger transaction.

Readers go by the ledger alone, so that a process killed anywhere leaves either an undecided batch, whose files the next
run writes again, or a decided one with all its files.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import pandas as pd

from resources.failpoint import reach
from resources.lake import Lake
from resources.state import ledger
from resources.state.database import State


class Judged(Protocol):
    """What validation says of a batch; every row of the input is in exactly one of the two frames."""

    @property
    def accepted(self) -> pd.DataFrame:
        """Rows that may be trained on."""

    @property
    def quarantined(self) -> pd.DataFrame:
        """Rows kept aside, each with its reasons."""

    @property
    def passed(self) -> bool:
        """False when the batch as a whole is rejected."""

    @property
    def failures(self) -> Sequence[str]:
        """Why it is rejected."""

    @property
    def report(self) -> dict[str, Any]:
        """All counts, JSON-ready."""


def store_validated(
    lake: Lake,
    state: State,
    use_case: str,
    key: str,
    validated: Judged,
    decided_at: datetime,
    *,
    time: str | None = None,
    documents: Mapping[str, bytes] | None = None,
) -> ledger.Batch:
    """The batch as the ledger has it once its rows and reports are kept.

    Parameters
    ----------
    time : str or None
        Datetime column whose first and last value the ledger keeps.
    documents : mapping or None
        Further reports by file name, kept beside `quality.json`.
    """
    reach("before_accepted")
    lake.write_table(validated.accepted, use_case, "accepted", f"{key}.parquet")
    reach("accepted_written")
    lake.write_table(validated.quarantined, use_case, "quarantined", f"{key}.parquet")
    reach("quarantined_written")
    report = json.dumps(validated.report, indent=1, allow_nan=False).encode("utf-8")
    for name, document in {"quality.json": report, **(documents or {})}.items():
        lake.write_bytes(document, use_case, "reports", key, name)
    reach("reports_written")
    with state.write() as connection:
        counted = count_rows(validated, time)
        if validated.passed:
            ledger.mark_accepted(connection, key, counted, decided_at)
        else:
            ledger.mark_rejected(connection, key, counted, "; ".join(validated.failures), decided_at)
        reach("deciding")
        batch = ledger.find(connection, key)
    reach("decided")
    return batch


def count_rows(validated: Judged, time: str | None) -> ledger.Counts:
    """Rows of both kinds, and the span of the accepted ones."""
    accepted, quarantined = len(validated.accepted), len(validated.quarantined)
    moments = validated.accepted[time].dropna() if time in validated.accepted else pd.Series(dtype="datetime64[ns]")
    first, last = (None, None) if moments.empty else (_aware(moments.min()), _aware(moments.max()))
    return ledger.Counts(accepted + quarantined, accepted, quarantined, first, last)


def read_accepted(lake: Lake, use_case: str, batches: Sequence[ledger.Batch]) -> pd.DataFrame:
    """The accepted rows of some batches, one below the other in the order given."""
    frames = [lake.read_table(use_case, "accepted", f"{batch.key}.parquet") for batch in batches]
    filled = [frame for frame in frames if not frame.empty]
    return pd.concat(filled or frames[:1], ignore_index=True) if frames else pd.DataFrame()


def _aware(moment: pd.Timestamp) -> datetime:
    return datetime.fromisoformat(moment.isoformat(timespec="microseconds")).replace(tzinfo=UTC)
