import numpy as np
import pytest

from mlops_assets.decision.unpaired import decide_unpaired
from mlops_assets.spec import Decision

ZERO_ONE = Decision(loss="zero_one", labels_min=50)


def arms(n, champion, challenger, seed=0):
    """Zero-one losses of a stream of which 30 % meet the challenger."""
    rng = np.random.default_rng(seed)
    of_challenger = rng.random(n) < 0.3
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
    assert decide_unpaired(*arms(2000, champion, challenger), decision).outcome == outcome


def test_the_first_moment_decides_and_the_verdict_stays():
    losses, challenger = arms(2000, 0.6, 0.3)
    verdict = decide_unpaired(losses, challenger, ZERO_ONE)
    n = verdict.labels
    assert 50 <= n < 1000
    assert decide_unpaired(losses[:n], challenger[:n], ZERO_ONE) == verdict
    assert decide_unpaired(losses[: n - 1], challenger[: n - 1], ZERO_ONE).outcome == "continue"


def test_an_arm_without_labels_leaves_all_open():
    verdict = decide_unpaired(np.zeros(200), np.zeros(200, dtype=bool), ZERO_ONE)
    assert verdict.outcome == "continue"
    assert verdict.interval.low == pytest.approx(-1.0)


def test_below_the_fewest_labels_it_continues():
    assert decide_unpaired(np.repeat([1.0, 0.0], 24), np.repeat([False, True], 24), ZERO_ONE).labels == 48


def test_each_loss_needs_its_arm():
    with pytest.raises(ValueError, match="2 losses beside 1 arms; one arm a loss is due"):
        decide_unpaired([0.0, 1.0], [True], ZERO_ONE)
