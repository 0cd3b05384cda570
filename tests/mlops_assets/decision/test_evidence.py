from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from mlops_assets.decision.evidence import FORMAT, Evidence, label_table

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def columns(champion, challenger, truth):
    n = len(truth)
    return {
        "label_id": range(1, n + 1),
        "prediction": range(n),
        "prediction_id": [f"p{at}" for at in range(n)],
        "phase": [1] * n,
        "arm": ["A"] * n,
        "champion": champion,
        "challenger": challenger,
        "truth": truth,
        "answered_at": [NOON] * n,
        "labelled_at": [NOON + timedelta(microseconds=1)] * n,
    }


@pytest.mark.parametrize(
    ("champion", "truth", "said"),
    [
        ([5, None], [6, 7.5], [5.0, None]),
        (["yes", None], ["no", "grün"], ["yes", None]),
        ([5, "6"], ["x", 7], ["5", "6"]),
        ([], [], []),
    ],
)
def test_what_was_written_is_read_again_value_for_value(champion, truth, said):
    table = label_table(columns(champion, champion, truth))
    evidence = Evidence(table, {"format": FORMAT, "phases": []})
    read = Evidence.from_bytes(evidence.labels_bytes(), evidence.facts_bytes())
    pd.testing.assert_frame_equal(read.labels, table)
    assert [None if pd.isna(value) else value for value in read.labels["champion"]] == said
    assert read.facts == evidence.facts
    assert read.labels_bytes() == evidence.labels_bytes()


def test_evidence_of_another_format_is_refused():
    evidence = Evidence(label_table(columns([], [], [])), {"format": 99})
    with pytest.raises(ValueError, match=r"evidence of format 99: this version reads the formats \(1, 2\)"):
        Evidence.from_bytes(evidence.labels_bytes(), evidence.facts_bytes())
