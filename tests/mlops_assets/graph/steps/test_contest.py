from datetime import timedelta

import pytest
from tiny_loop import NOON, answer, tell, train

from mlops_assets.graph.steps.checks import Cost
from mlops_assets.graph.steps.contest import hold_contest, keep_verdict, read_differences
from resources.state.feedback import Event
from resources.state.labels import newest_label


@pytest.fixture
def tested(open_empty):
    """Opens an installation where version 2 is under test against version 1."""

    def open_tested(**changes):
        installation = open_empty(**changes)
        train(installation, "a" * 64, 1)
        train(installation, "b" * 64, 2)
        return installation

    return open_tested


def contest_of(installation):
    return hold_contest(installation, installation.use_cases["tiny"], lambda *_: [Cost(0.001, 1000), Cost(0.001, 1000)])


@pytest.mark.parametrize("paired", [True, False])
def test_without_labels_the_contest_goes_on(tested, paired):
    contest = contest_of(tested(routing={"paired": paired}))
    assert (contest.judgement.verdict.outcome, contest.judgement.verdict.labels) == ("continue", 0)
    assert contest.evidence.facts["label_id"] == 0


@pytest.mark.parametrize("paired", [True, False])
def test_a_clearly_better_challenger_is_promoted(tested, paired):
    installation = tested(routing={"paired": paired})
    answer(installation, 600, b_every=2)
    contest = contest_of(installation)
    assert contest.judgement.verdict.outcome == "promote"
    with installation.state.read() as connection:
        assert contest.evidence.facts["label_id"] == newest_label(connection, "tiny", 1, 2) == 600


def test_a_corrected_label_counts_as_it_is_now(tested):
    installation = tested()
    answer(installation, 10)
    with installation.state.write() as connection:
        tell(connection, installation, *(Event(f"request {n}", "no", NOON, NOON + timedelta(1)) for n in range(5)))
    contest = contest_of(installation)
    assert (contest.judgement.verdict.labels, contest.judgement.verdict.interval.estimate) == (10, 0.0)
    keep_verdict(installation, contest)
    assert read_differences(installation, installation.use_cases["tiny"]).differences.tolist() == [-1.0] * 5 + [1.0] * 5


def test_what_is_about_to_take_over_is_checked_with_every_answer_counted(tested):
    installation = tested()
    answer(installation, 600, b_every=2)
    checks = contest_of(installation).evidence.facts["checks"]
    assert sum(one["answers"] for one in checks["cohorts"]) == sum(one["labels"] for one in checks["cohorts"]) == 600
    assert {(one["arm"], one["agree"], one["said"]) for one in checks["cohorts"]} == {
        ("A", False, None),
        ("B", False, None),
    }
    assert checks["champion"] == {"unanswered_share": 0.0, "row_s": 0.001, "bundle_bytes": 1000}


def test_where_labels_judge_one_arm_answers_are_counted_by_what_was_said(tested):
    installation = tested(routing={"paired": False})
    answer(installation, 600, b_every=2)
    cohorts = contest_of(installation).evidence.facts["checks"]["cohorts"]
    assert {(one["arm"], one["said"].strip('"')) for one in cohorts} == {("A", "no"), ("B", "yes")}
    assert all(one["answers"] == one["labels"] for one in cohorts)


def test_what_takes_nobody_over_is_not_checked(tested):
    installation = tested()
    answer(installation, 10)
    assert "checks" not in contest_of(installation).evidence.facts


def test_a_promotion_that_was_blocked_is_checked_whatever_later_labels_say(tested):
    installation, slow = tested(), lambda *_: [Cost(0.001, 1000), Cost(0.1, 1000)]
    answer(installation, 600)
    use_case = installation.use_cases["tiny"]
    assert keep_verdict(installation, hold_contest(installation, use_case, slow)).takes_over
    with installation.state.write() as connection:  # as many labels are corrected as make both the same
        tell(
            connection,
            installation,
            *(Event(f"request {n}", "no", NOON, NOON + timedelta(1)) for n in range(0, 600, 2)),
        )
    contest = hold_contest(installation, use_case, slow)
    assert contest.judgement.verdict.outcome == "continue"
    assert [block.name for block in contest.judgement.blocks] == ["latency"]


def test_labels_carry_the_columns_by_which_slices_are_cut(tested):
    installation = tested()
    answer(installation, 10)
    use_case = installation.use_cases["tiny"]
    decision = use_case.decision.model_copy(update={"segments": ("x",)})
    sliced = hold_contest(installation, use_case.model_copy(update={"decision": decision}))
    assert sliced.evidence.labels["segment_x"].tolist() == ["1.0"] * 10


def test_a_changed_file_does_not_judge_a_running_experiment_anew(tested):
    installation = tested()
    answer(installation, 30)
    use_case = installation.use_cases["tiny"]
    strict = use_case.model_copy(update={"decision": use_case.decision.model_copy(update={"labels_min": 1000})})
    keep_verdict(installation, hold_contest(installation, strict))
    assert contest_of(installation).judged.decision.labels_min == 1000
    assert contest_of(installation).judgement.verdict.outcome == "continue"
