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
