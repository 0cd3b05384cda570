import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mlops_assets.decision.evidence import FORMAT, Evidence, label_table
from mlops_assets.decision.guardrails import split_p_value
from mlops_assets.decision.judge import judge
from mlops_assets.spec import Decision

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ZERO_ONE = Decision(loss="zero_one", labels_min=20)


def phase(a, b, split_b=0.5, number=1):
    return {"phase": number, "split_b": split_b, "A": _arm(a), "B": _arm(b)}


def _arm(n):
    return {"answers": n, "units": n, "labels": n}


def side(row_s=0.001, bundle_bytes=1000, unanswered_share=0.0):
    return {"row_s": row_s, "bundle_bytes": bundle_bytes, "unanswered_share": unanswered_share}


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
        "checks": {"champion": side(), "challenger": side(), "cohorts": []},
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


def with_checks(evidence, **checks):
    known = {"champion": side(), "challenger": side(), "cohorts": []}
    return replace(evidence, facts=evidence.facts | {"checks": known | checks})


def blocks(evidence, decision=ZERO_ONE, paired=True):
    return [(block.name, block.sentence) for block in judge(evidence, decision, paired).blocks]


def test_a_challenger_that_was_not_checked_does_not_take_over():
    evidence = evidence_of(better(100))
    unchecked = replace(evidence, facts={key: value for key, value in evidence.facts.items() if key != "checks"})
    assert blocks(unchecked) == [("not_checked", "labels, errors and speed of both versions were not checked")]


def test_a_slow_challenger_does_not_take_over():
    slow = with_checks(evidence_of(better(100)), challenger=side(row_s=0.0051))
    expected = "the challenger takes 5.1 ms a row, the champion 1; 4 times as long is allowed"
    assert blocks(slow) == [("latency", expected)]
    quick = with_checks(evidence_of(better(100)), champion=side(row_s=0.00001), challenger=side(row_s=0.0009))
    assert blocks(quick) == []  # less than a millisecond more


def test_a_challenger_that_fails_does_not_take_over():
    failing = with_checks(evidence_of(better(100)), challenger=side(unanswered_share=0.021))
    assert blocks(failing)[0][0] == "errors"
    assert blocks(with_checks(evidence_of(better(100)), challenger=side(unanswered_share=0.009))) == []


def cohorts(labels_a, labels_b, blocks=40, agree=True):
    """Blocks of 50 answers of each arm an hour before the judgement, some with labels."""
    ended = (NOON + timedelta(hours=23)).isoformat()
    return [
        {
            "block": n,
            "phase": 1,
            "arm": arm,
            "agree": agree,
            "said": None,
            "ended_at": ended,
            "answers": 50,
            "labels": k,
        }
        for n in range(blocks)
        for arm, k in (("A", labels_a), ("B", labels_b))
    ]


def test_labels_that_come_less_often_from_one_arm_block():
    uneven = with_checks(evidence_of(better(100)), cohorts=cohorts(40, 30))
    assert [name for name, _ in blocks(uneven)] == ["arms"]
    assert blocks(uneven, ZERO_ONE.model_copy(update={"uneven_labels": "warn"})) == []
    assert blocks(with_checks(evidence_of(better(100)), cohorts=cohorts(40, 40))) == []


def test_labels_that_come_more_often_where_the_versions_differ_block():
    uneven = with_checks(evidence_of(better(100)), cohorts=cohorts(20, 20) + cohorts(40, 40, agree=False))
    assert [name for name, _ in blocks(uneven)] == ["agreement"]


def test_a_winner_that_depends_on_who_answered_blocks():
    # labels come when the answer was wrong: the challenger wins where A answered, loses where B did
    rows = [("A", "no", "yes", "yes") if at % 4 else ("B", "yes", "no", "yes") for at in range(400)]
    assert [name for name, _ in blocks(evidence_of(rows))] == ["who_wins"]


def test_units_that_ask_often_do_not_make_the_winner_depend_on_who_answered():
    # 20 units of each arm ask 20 times: of A's the challenger is right for 15, of B's for 5, each time
    units = [(arm, at < right) for at in range(20) for arm, right in (("A", 15), ("B", 5))]
    evidence = evidence_of([(arm, "no", "yes", "yes" if won else "no") for _ in range(20) for arm, won in units])
    told = replace(evidence, labels=evidence.labels.assign(unit=list(range(40)) * 20))
    assert [name for name, _ in blocks(evidence)] == ["who_wins"]
    assert blocks(told) == []


def sliced(rows, values):
    evidence = evidence_of(rows)
    return replace(evidence, labels=evidence.labels.assign(segment_region=values))


def test_a_challenger_that_is_worse_in_one_slice_does_not_take_over():
    decision = ZERO_ONE.model_copy(update={"segments": ("region",)})
    worse = [("AB"[at % 2], "yes", "no", "yes") for at in range(60)]
    mixed = sliced([*better(300), *worse], ["south"] * 300 + ["north"] * 60)
    ((name, sentence),) = blocks(mixed, decision)
    assert name == "slice"
    assert sentence.startswith("for region = north the challenger is worse by 1 over 60 labels, by at least 0.")
    assert blocks(mixed) == []
    few = sliced([*better(300), *worse[:10]], ["south"] * 300 + ["north"] * 10)
    assert blocks(few, decision) == []


ALIKE = [
    ("AB"[at % 2], *(("no", "yes") if at % 20 == 0 else ("yes", "no") if at % 20 == 10 else ("yes", "yes")), "yes")
    for at in range(3000)
]


@pytest.mark.parametrize(
    ("cost", "challenger", "takes_over", "words"),
    [
        ("scoring_time", side(row_s=0.0008), True, "takes over, for it costs less (0.8 ms a row against 1)"),
        ("scoring_time", side(row_s=0.0009), False, "does not cost 20% less (0.9 ms a row against 1)"),
        ("scoring_time", side(row_s=0.002), False, "stays, for it costs no more (2 ms a row against 1)"),
        ("bundle_size", side(bundle_bytes=500), True, "takes over, for it costs less (0.5 kB on disk against 1)"),
    ],
)
def test_of_equivalent_models_the_cheaper_one_answers(cost, challenger, takes_over, words):
    decision = ZERO_ONE.model_copy(update={"margin": 0.05, "cost": cost})
    judgement = judge(with_checks(evidence_of(ALIKE), challenger=challenger), decision, True)
    assert (judgement.verdict.outcome, judgement.takes_over) == ("equivalent", takes_over)
    assert judgement.verdict.sentence.endswith(words)


def test_a_spent_budget_ends_without_a_verdict():
    decision = ZERO_ONE.model_copy(update={"labels_max": 500})
    judgement = judge(evidence_of(ALIKE), decision, True)
    assert (judgement.verdict.outcome, judgement.verdict.labels, judgement.takes_over) == ("inconclusive", 500, False)
    assert judgement.verdict.sentence.endswith("the budget of 500 labels is spent: the champion stays")


def test_labels_of_young_answers_wait():
    # all labels took an hour; the judgement comes a minute after the last answer
    evidence = evidence_of(better(100))
    later = evidence.labels.assign(labelled_at=evidence.labels["answered_at"] + timedelta(hours=1))
    waiting = replace(
        evidence, labels=later, facts=evidence.facts | {"judged_at": (NOON + timedelta(hours=2)).isoformat()}
    )
    judgement = judge(waiting, ZERO_ONE, True)
    assert (judgement.verdict.outcome, judgement.figures["labels_too_young"]) == ("continue", 100)
    assert judgement.look_in_s == pytest.approx(3600)  # three windows of an hour are due, two have passed
