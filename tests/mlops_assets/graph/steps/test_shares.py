import pytest
from tiny_loop import answer

from mlops_assets.graph.steps.contest import hold_contest
from mlops_assets.graph.steps.models import open_version

pytestmark = pytest.mark.slow


def test_log_loss_asks_both_bundles_for_the_probability_of_the_truth(tested):
    use_case = tested.use_cases["tiny"]
    decision = use_case.decision.model_copy(update={"loss": "log_loss", "loss_max": 5.0})
    answer(tested, 30)
    contest = hold_contest(tested, use_case.model_copy(update={"decision": decision}))
    table = contest.evidence.labels
    for side, version in (("champion", 1), ("challenger", 2)):
        bundle = open_version(tested, use_case, version).bundle
        probabilities = bundle.answer_rows([{"x": 1.0, "y": 1.0}]).probabilities[0]
        assert table[f"{side}_share"].to_numpy() == pytest.approx([probabilities[bundle.classes.index("yes")]] * 30)
    assert contest.judgement.verdict.labels == 30
