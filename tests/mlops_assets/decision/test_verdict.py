import json

import numpy as np
import pytest

from mlops_assets.decision.verdict import decide
from mlops_assets.spec import Decision

ZERO_ONE = Decision(loss="zero_one", labels_min=50)


def losses(n, champion, challenger, seed=0):
    """Two zero-one losses with these error rates on the same labels, as alike as they can be."""
    luck = np.random.default_rng(seed).random(n)
    return (luck < champion).astype(float), (luck < challenger).astype(float)


def test_a_better_challenger_is_promoted():
    verdict = decide(*losses(1000, 0.5, 0.4), ZERO_ONE)
    assert verdict.outcome == "promote"
    assert 0 <= verdict.interval.low < verdict.interval.estimate < verdict.interval.high
    assert 50 <= verdict.labels < 300
    assert verdict.sentence.startswith(
        f"promote: after {verdict.labels} labels the challenger's mean zero_one loss is 0."
    )
    assert verdict.sentence.endswith("lies above zero: the challenger takes over")


def test_a_worse_challenger_is_rejected():
    verdict = decide(*losses(1000, 0.4, 0.5), ZERO_ONE)
    assert (verdict.outcome, verdict.interval.high <= 0) == ("reject", True)
    assert "higher than the champion's" in verdict.sentence


def test_the_same_model_never_decides_without_a_margin():
    verdict = decide(*losses(2000, 0.4, 0.4), ZERO_ONE)
    assert (verdict.outcome, verdict.labels) == ("continue", 2000)
    assert verdict.sentence.endswith("the interval still allows more than one answer")


def test_the_same_model_is_equivalent_within_a_margin():
    decision = ZERO_ONE.model_copy(update={"margin": 0.05})
    verdict = decide(*losses(2000, 0.4, 0.4), decision)
    assert verdict.outcome == "equivalent"
    assert -0.05 <= verdict.interval.low <= verdict.interval.high <= 0.05


def test_a_gain_below_the_margin_is_not_promoted():
    decision = ZERO_ONE.model_copy(update={"margin": 0.1})
    assert decide(*losses(5000, 0.45, 0.4), decision).outcome == "equivalent"
    assert decide(*losses(5000, 0.6, 0.4), decision).outcome == "promote"
    assert decide(*losses(5000, 0.4, 0.6), decision).outcome == "reject"


@pytest.mark.parametrize("n", [0, 1, 49])
def test_below_the_fewest_labels_it_continues_whatever_they_say(n):
    verdict = decide(np.ones(n), np.zeros(n), ZERO_ONE)
    assert (verdict.outcome, verdict.labels) == ("continue", n)
    assert verdict.sentence.endswith("fewer than 50 labels")


def test_what_was_clear_earlier_is_decided_at_the_fewest_labels():
    assert decide(np.ones(80), np.zeros(80), ZERO_ONE).labels == 50


@pytest.mark.parametrize("margin", [0.0, 0.08])
@pytest.mark.parametrize(("champion", "challenger"), [(0.5, 0.36), (0.36, 0.5), (0.4, 0.4), (0.45, 0.42)])
def test_a_verdict_stays_when_more_labels_come(margin, champion, challenger):
    decision = ZERO_ONE.model_copy(update={"margin": margin})
    a, b = losses(1500, champion, challenger, seed=4)
    decided = None
    for n in range(25, 1501, 25):
        verdict = decide(a[:n], b[:n], decision)
        if decided is not None:
            assert verdict == decided
        elif verdict.outcome != "continue":
            decided = verdict


def test_a_verdict_stays_even_when_the_models_change_places():
    (a, b), (c, d) = losses(400, 0.6, 0.3), losses(4000, 0.3, 0.6)
    first = decide(a, b, ZERO_ONE)
    assert decide(np.concatenate([a, c]), np.concatenate([b, d]), ZERO_ONE) == first


def test_losses_are_clipped():
    minutes = Decision(loss="absolute", loss_max=10, labels_min=10)
    assert decide(np.full(20, 1e9), np.full(20, 10.0), minutes).interval.estimate == 0.0


def test_minutes_are_decided_like_shares():
    rng = np.random.default_rng(1)
    minutes = Decision(loss="absolute", loss_max=120, margin=0.5, labels_min=100)
    champion = rng.exponential(20, 3000)
    verdict = decide(champion, champion * 0.8, minutes)
    assert (verdict.outcome, verdict.interval.estimate) == ("promote", pytest.approx(4, abs=1))


def test_the_verdict_is_json():
    values = json.loads(json.dumps(decide(*losses(100, 0.5, 0.4), ZERO_ONE).to_dict()))
    assert list(values) == ["outcome", "estimate", "low", "high", "labels", "sentence"]


@pytest.mark.parametrize(
    ("champion", "challenger", "decision", "message"),
    [
        ([0.0, 1.0], [0.0], ZERO_ONE, "2 champion losses beside 1 challenger losses; pairs are due"),
        ([0.0, np.nan], [0.0, 0.0], ZERO_ONE, "loss nan at position 1: a number of at least 0 is due"),
        ([0.0], [-1.0], ZERO_ONE, "loss -1.0 at position 0"),
        ([0.0], [1.0], Decision(loss="zero_one", margin=1.0), "decision.margin: 1 is not below loss_max, 1"),
    ],
)
def test_what_cannot_be_judged_is_refused(champion, challenger, decision, message):
    with pytest.raises(ValueError, match=message):
        decide(champion, challenger, decision)
