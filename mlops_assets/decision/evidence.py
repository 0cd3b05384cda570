"""Everything that a verdict is based on, as one value that can be written down and judged again elsewhere."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops_assets.decision.canonical import canonical

FORMAT = 2
READ = (1, FORMAT)  # format 1 counted no units: each answer was taken for one
SEGMENT = "segment_"  # before the name of a column by which slices are cut
UNIT = "unit"
SHARES = ("champion_share", "challenger_share")
LABEL_COLUMNS = (
    "label_id",
    "prediction",
    "prediction_id",
    "phase",
    "arm",
    "champion",
    "challenger",
    "truth",
    "answered_at",
    "labelled_at",
)


@dataclass(frozen=True, eq=False)
class Evidence:
    """Labels, and facts about the traffic that they came from.

    Attributes
    ----------
    labels : DataFrame, one row a label that counts, in the order of `label_id`
        label_id, prediction (the answer's row in the log), prediction_id, phase, arm 'A' or 'B' (who answered),
        champion and challenger (what each said; missing = it did not score this row), truth, answered_at, labelled_at
        (UTC); `segment_NAME` for each column NAME by which the decision cuts slices; for log loss champion_share and
        challenger_share, the probability that each gave to the truth; `unit`, a number that labels of one unit
        share. Answers and truth are float64 where all of them are numbers, else str.
    facts : dict, JSON-ready
        format, use_case, champion and challenger (versions), judged_at (ISO 8601, UTC), label_id (the newest label that
        was looked at), phases: [{phase, split_b (None = not known), A: {answers, units, labels}, B: likewise}]; and,
        where a challenger is about to take over, checks: {champion and challenger: {unanswered_share, row_s (median
        seconds for a row), bundle_bytes}, cohorts: [{block, phase, arm, agree, said, ended_at, answers (the first of
        each unit), labels (of those)}]}.
    """

    labels: pd.DataFrame
    facts: dict[str, Any]

    def labels_bytes(self) -> bytes:
        """The labels as a Parquet file."""
        buffer = io.BytesIO()
        self.labels.to_parquet(buffer, index=False)
        return buffer.getvalue()

    def facts_bytes(self) -> bytes:
        """The facts as canonical JSON."""
        return canonical(self.facts)

    @staticmethod
    def from_bytes(labels: bytes, facts: bytes) -> "Evidence":
        """The evidence that was written to these two files.

        Raises
        ------
        ValueError
            If it is of a format that this version does not read.
        """
        read = json.loads(facts)
        if read.get("format") not in READ:
            raise ValueError(f"evidence of format {read.get('format')!r}: this version reads the formats {READ}")
        return Evidence(pd.read_parquet(io.BytesIO(labels)), read)


def label_table(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """The labels as `Evidence` wants them, from plain values in the order of `label_id`.

    Parameters
    ----------
    columns : LABEL_COLUMNS and segments, each a sequence of the same length; moments are aware datetimes
    """
    said = {name: columns[name] for name in ("champion", "challenger", "truth")}
    numbers = all(isinstance(value, int | float) or value is None for values in said.values() for value in values)
    table: dict[str, Any] = {}
    for name, values in columns.items():
        if name in said:
            table[name] = np.array(values, dtype=np.float64) if numbers else _texts(values)
        elif name in ("answered_at", "labelled_at"):
            table[name] = pd.to_datetime(pd.Series(list(values), dtype=object), utc=True).astype("datetime64[us, UTC]")
        elif name in ("label_id", "prediction", "phase", UNIT):
            table[name] = np.array(values, dtype=np.int64)
        elif name in SHARES:
            table[name] = np.array(values, dtype=np.float64)
        else:
            table[name] = _texts(values)
    return pd.DataFrame(table)


def _texts(values: Sequence[Any]) -> pd.Series:
    return pd.Series([None if value is None else str(value) for value in values], dtype=object)
