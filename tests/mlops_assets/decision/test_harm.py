import pytest

from mlops_assets.decision.harm import Harm, expected_gain, find_harm, is_harmful
from mlops_assets.loss.estimate import LossEstimate
from mlops_assets.loss.model_report import SEEN, ModelReport
from mlops_assets.loss.shift import Excess, LossShift
from mlops_assets.spec import Limit, RetrainPolicy

CALM, RISEN = Excess(0.01, -0.02, 0.04, 500), Excess(0.06, 0.02, 0.10, 500)


def known(batch=RISEN, p_value=0.5, n=500, estimate=None) -> ModelReport:
    """A labelled batch of a champion that erred in a fifth of the held-out rows."""
    shift = LossShift(
        mean_reference=0.2,
        mean_current=0.2 + batch.estimate,
        ratio=1 + batch.estimate / 0.2,
        p_value=p_value,
        n_current=n,
        since=3,
        batch=batch,
        changed=RISEN,
        alpha=0.05,
        limit=Limit(value=1.1, origin="tests"),
    )
    return ModelReport("drift" if shift.drifted else "no_drift", loss=shift, estimate=estimate)


def guess(excess=0.06, low=0.02, high=0.1, doubts=()) -> LossEstimate:
    return LossEstimate(0.2 + excess, 0.2 + low, 0.2 + high, excess, low, high, 900.0, doubts, 800)


def find(model, drifted=1) -> Harm:
    return find_harm(model, drifted, rows_min=50)


def test_an_alarm_of_the_monitor_proves_harm_since_the_loss_rose():
    found = find(known(batch=CALM, p_value=0.001), drifted=0)
    assert (found.source, found.proven, found.excess) == ("labels", True, 0.06)
    assert found.mean == pytest.approx(0.26)


def test_labels_of_a_drifted_batch_prove_harm_by_their_interval():
    assert find(known()).proven
    assert not find(known(batch=CALM)).proven
    assert not find(known(), drifted=0).proven


def test_labels_go_before_an_estimate_unless_they_are_few():
    assert find(known(batch=CALM, estimate=guess())) == Harm(
        "labels", False, "500 labels of this batch", 0.01, -0.02, 0.04, pytest.approx(0.21), 500
    )
    assert find(known(batch=CALM, n=49, estimate=guess())).source == "estimate"


def test_an_estimate_proves_harm_in_a_drifted_batch_alone():
    model = ModelReport("no_labels", estimate=guess())
    assert find(model).proven
    assert not find(model, drifted=0).proven
    assert not find(ModelReport("no_labels", estimate=guess(0.03, low=-0.01, high=0.07))).proven


def test_the_more_often_drift_was_looked_at_the_more_proof_is_due():
    """0.06 with an interval of 0.02 to 0.10 is 2.94 standard errors; look k may err with a chance of 0.0304 / k**2."""
    # k = 3: 0.00338, 2.71 errors; k = 5: 0.00122, 3.03 errors
    assert [find(known(), drifted=k).proven for k in (1, 3, 5, 50)] == [True, True, False, False]
    estimated = ModelReport("no_labels", estimate=guess())
    assert [find(estimated, drifted=k).proven for k in (1, 3, 5)] == [True, True, False]


def test_a_doubtful_estimate_or_none_says_nothing():
    doubtful = find(ModelReport("no_labels", estimate=guess(doubts=("a is new", "b is new"))))
    assert (doubtful.source, doubtful.proven, doubtful.excess) == ("unknown", False, None)
    assert doubtful.reason == "a is new; b is new"
    assert find(SEEN).reason == "the champion was trained on this batch"


RATIO = 1.1


def test_harm_must_cost_more_than_a_retrain():
    harm = find(known())  # 0.06 a row over 10,000 rows: 600
    assert expected_gain(harm, RetrainPolicy(when="harm")) == pytest.approx(600)
    assert is_harmful(harm, RetrainPolicy(when="harm", cost=599), RATIO)
    assert not is_harmful(harm, RetrainPolicy(when="harm", cost=601), RATIO)
    assert not is_harmful(harm, RetrainPolicy(when="harm", cost=599, horizon_rows=9_000), RATIO)


@pytest.mark.parametrize(("excess", "counts"), [(0.019, False), (0.021, True)])
def test_without_a_cost_the_ratio_says_what_counts(excess, counts):
    """A tenth of 0.2 counts: 0.02."""
    harm = Harm("labels", True, "", excess, 0.015, 0.03, 0.2 + excess)
    assert is_harmful(harm, RetrainPolicy(when="harm"), RATIO) is counts
    assert is_harmful(harm, RetrainPolicy(when="harm", cost=10), RATIO)


def test_what_is_not_proven_or_not_known_is_not_harmful():
    policy = RetrainPolicy(when="harm")
    assert not is_harmful(Harm("labels", False, "", 0.06, -0.01, 0.1, 0.26), policy, RATIO)
    assert not is_harmful(Harm("unknown", False, "no labels"), policy, RATIO)
    assert not is_harmful(None, policy, RATIO)


def test_it_comes_back_from_plain_values():
    assert Harm.from_dict(find(known()).to_dict()) == find(known())
