import json
from datetime import UTC, datetime, timedelta

import pytest

from mlops_assets.decision.evidence import FORMAT, Evidence, label_table
from mlops_assets.decision.judge import judge, split_p_value
from mlops_assets.spec import Decision

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ZERO_ONE = Decision(loss="zero_one", labels_min=20)


def phase(a, b, split_b=0.5, number=1):
    return {"phase": number, "split_b": split_b, "A": {"answers": a, "labels": a}, "B": {"answers": b, "labels": b}}


def evidence_of(rows, phases=None):
    """Evidence of labels (arm, champion said, challenger said, truth), answered and labelled second by second."""
    table = label_table(
        {
            "label_id": range(1, len(rows) + 1),
            "prediction": range(1, len(rows) + 1),
            "prediction_id": [f"p{at}" for at in range(len(rows))],
            "phase": [1] * len(rows),
            **{name: [row[at] for row in rows] for at, name in enumerate(("arm", "champion", "challenger", "truth"))},
            "answered_at": [NOON + timedelta(seconds=at) for at in range(len(rows))],
            "labelled_at": [NOON + timedelta(seconds=at) for at in range(len(rows))],
        }
    )
    facts = {
        "format": FORMAT,
        "use_case": "tiny",
        "champion": 1,
        "challenger": 2,
        "judged_at": (NOON + timedelta(days=1)).isoformat(),
        "label_id": len(rows),
        "phases": [phase(len(rows) // 2, len(rows) // 2)] if phases is None else phases,
    }
    return Evidence(table, facts)


def better(n, paired=True):
    """Labels of alternate arms; the challenger is always right, the champion never."""
    return [
        ("AB"[at % 2], "no" if paired or at % 2 == 0 else None, "yes" if paired or at % 2 else None, "yes")
        for at in range(n)
    ]


@pytest.mark.parametrize(("paired", "labels"), [(True, 100), (False, 400)])
def test_a_better_challenger_takes_over(paired, labels):
    judgement = judge(evidence_of(better(labels, paired)), ZERO_ONE, paired)
    assert (judgement.verdict.outcome, judgement.takes_over, judgement.blocks) == ("promote", True, ())


def test_the_same_evidence_read_again_gives_the_same_bytes():
    evidence = evidence_of(better(60), [phase(40, 20), phase(9, 11, number=2)])
    read = Evidence.from_bytes(evidence.labels_bytes(), evidence.facts_bytes())
    said, again = (json.dumps(judge(one, ZERO_ONE, True).to_dict()) for one in (evidence, read))
    assert said == again


def test_without_labels_and_traffic_it_goes_on():
    judgement = judge(evidence_of([], []), ZERO_ONE, True)
    assert (judgement.verdict.outcome, judgement.takes_over, judgement.ratio_p_value) == ("continue", False, 1.0)


def test_a_split_that_is_wrong_in_one_phase_blocks_although_the_sum_is_right():
    evidence = evidence_of(better(100), [phase(700, 300), phase(300, 700, number=2)])
    judgement = judge(evidence, ZERO_ONE, True)
    assert [block.name for block in judgement.blocks] == ["traffic_split"]
    assert judgement.takes_over


def test_a_phase_whose_split_is_not_known_is_not_judged():
    assert split_p_value(evidence_of([], [phase(1000, 0, split_b=None)])) == 1.0
    assert split_p_value(evidence_of([], [phase(1000, 0, split_b=0.0)])) == 1.0
    assert split_p_value(evidence_of([], [phase(1000, 1, split_b=0.0)])) == 0.0
