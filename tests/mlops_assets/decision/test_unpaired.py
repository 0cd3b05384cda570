import numpy as np
import pytest

from mlops_assets.decision.unpaired import unpaired_differences
from mlops_assets.decision.verdict import decide_differences
from mlops_assets.spec import Decision

ZERO_ONE = Decision(loss="zero_one", labels_min=50)


SPLIT = 0.3


def decide(losses, challenger, decision, split=SPLIT):
    return decide_differences(unpaired_differences(losses, challenger, split, decision), decision)


def arms(n, champion, challenger, seed=0):
    """Zero-one losses of a stream of which 30 % meet the challenger."""
    rng = np.random.default_rng(seed)
    of_challenger = rng.random(n) < SPLIT
    return (rng.random(n) < np.where(of_challenger, challenger, champion)).astype(float), of_challenger


@pytest.mark.parametrize(
    ("champion", "challenger", "margin", "outcome"),
    [
        (0.6, 0.3, 0.0, "promote"),
        (0.3, 0.6, 0.0, "reject"),
        (0.4, 0.4, 0.0, "continue"),
        (0.4, 0.4, 0.2, "equivalent"),
        (0.7, 0.2, 0.2, "promote"),
        (0.2, 0.7, 0.2, "reject"),
    ],
)
def test_outcomes(champion, challenger, margin, outcome):
    decision = ZERO_ONE.model_copy(update={"margin": margin})
    assert decide(*arms(4000, champion, challenger), decision).outcome == outcome


def test_the_first_moment_decides_and_the_verdict_stays():
    losses, challenger = arms(2000, 0.6, 0.3)
    verdict = decide(losses, challenger, ZERO_ONE)
    n = verdict.labels
    assert 50 <= n < 1000
    assert decide(losses[:n], challenger[:n], ZERO_ONE) == verdict
    assert decide(losses[: n - 1], challenger[: n - 1], ZERO_ONE).outcome == "continue"


def test_numbers_of_two_arms_by_hand():
    # split 1/4, loss_max 2: centres 1, (1 + 2)/2 = 1.5, (1 + 2 + 0)/3 = 1; an answer of A weighs 4/3, of B -4
    found = unpaired_differences([2, 0, 1], [False, True, True], 0.25, Decision(loss="absolute", loss_max=2))
    assert found.values == pytest.approx([4 / 3, 6.0, 0.0])
    assert found.low == pytest.approx([-4.0, -2.0, -4.0])
    assert found.high == pytest.approx([4.0, 6.0, 4.0])


def test_more_traffic_for_b_in_easier_hours_is_no_gain_for_it():
    # in phase 1 B gets 10 % of hard requests, in phase 2 half of the easy ones; B is no better than A in either
    rng = np.random.default_rng(3)
    split = np.repeat([0.1, 0.5], 4000)
    of_b = rng.random(8000) < split
    losses = (rng.random(8000) < np.repeat([0.6, 0.2], 4000)).astype(float)
    pooled = losses[~of_b].mean() - losses[of_b].mean()
    assert pooled > 0.1
    assert decide(losses, of_b, ZERO_ONE, split).outcome == "continue"


def test_each_loss_needs_its_arm_and_a_split_that_can_be_drawn():
    with pytest.raises(ValueError, match="2 losses beside 1 arms; one arm a loss is due"):
        unpaired_differences([0.0, 1.0], [True], 0.5, ZERO_ONE)
    with pytest.raises(ValueError, match="a split of 0 or 1 compares nothing"):
        unpaired_differences([0.0], [False], 0.0, ZERO_ONE)


def test_no_labels_have_no_differences():
    assert len(unpaired_differences([], [], 0.5, ZERO_ONE).values) == 0
