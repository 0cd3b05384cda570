from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mlops_assets.decision.counting import count_evidence
from mlops_assets.decision.evidence import FORMAT, Evidence, label_table
from mlops_assets.spec import Decision

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULE = Decision(loss="zero_one")


def evidence_of(units, answered=None):
    """Labels of arms A, B, A, ..., each a minute after the one before unless told; the answer was wrong."""
    n = len(units)
    arms = ["AB"[at % 2] for at in range(n)]
    moments = [NOON + timedelta(minutes=at) for at in (range(n) if answered is None else answered)]
    table = label_table(
        {
            "label_id": range(1, n + 1),
            "prediction": range(1, n + 1),
            "prediction_id": [f"p{at}" for at in range(n)],
            "phase": [1] * n,
            "arm": arms,
            "champion": ["no" if arm == "A" else None for arm in arms],
            "challenger": ["no" if arm == "B" else None for arm in arms],
            "truth": ["yes"] * n,
            "answered_at": moments,
            "labelled_at": moments,
            "unit": units,
        }
    )
    facts = {"format": FORMAT, "judged_at": (NOON + timedelta(days=1)).isoformat()}
    return Evidence(table, facts | {"phases": [{"phase": 1, "split_b": 0.5}]})


@pytest.mark.parametrize(
    ("answered", "counted"),
    [(None, ["p0", "p1", "p3"]), ([3, 1, 0, 2], ["p2", "p1", "p3"])],
)
def test_where_one_arm_answers_each_unit_counts_with_its_first_answer(answered, counted):
    found = count_evidence(evidence_of([0, 1, 0, 2], answered), RULE, paired=False)
    assert list(found.rows["prediction_id"]) == counted


def test_where_both_arms_score_each_label_counts():
    evidence = evidence_of([0, 1, 0, 2])
    both = evidence.labels.assign(champion="no", challenger="yes")
    assert len(count_evidence(replace(evidence, labels=both), RULE, paired=True).rows) == 4


def test_evidence_without_units_is_judged_as_it_was():
    evidence = evidence_of([0, 1, 0, 2])
    old = replace(evidence, labels=evidence.labels.drop(columns="unit"), facts=evidence.facts | {"format": 1})
    assert len(count_evidence(old, RULE, paired=False).rows) == 4
