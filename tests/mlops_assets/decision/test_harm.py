import pytest

from mlops_assets.decision.harm import Harm, expected_gain, find_harm, is_harmful
from mlops_assets.drift.loss_estimate import LossEstimate
from mlops_assets.drift.loss_shift import Excess, LossShift
from mlops_assets.drift.model_report import SEEN, ModelReport
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


def guess(excess=0.06, low=0.02, doubts=()) -> LossEstimate:
    return LossEstimate(0.2 + excess, 0.2 + low, 0.3, excess, low, 0.1, 900.0, doubts)


def find(model, data_drifted=True) -> Harm:
    return find_harm(model, data_drifted, rows_min=50, ratio_min=1.1)


def test_an_alarm_of_the_monitor_proves_harm_since_the_loss_rose():
    found = find(known(batch=CALM, p_value=0.001), data_drifted=False)
    assert (found.source, found.proven, found.excess) == ("labels", True, 0.06)
    assert found.mean == pytest.approx(0.26)


def test_labels_of_a_drifted_batch_prove_harm_by_their_interval():
    assert find(known()).proven
    assert not find(known(batch=CALM)).proven
    assert not find(known(), data_drifted=False).proven


def test_labels_go_before_an_estimate_unless_they_are_few():
    assert find(known(batch=CALM, estimate=guess())) == Harm(
        "labels", False, "500 labels of this batch", 0.01, -0.02, 0.04, pytest.approx(0.21)
    )
    assert find(known(batch=CALM, n=49, estimate=guess())).source == "estimate"


def test_an_estimate_proves_harm_in_a_drifted_batch_alone():
    model = ModelReport("no_labels", estimate=guess())
    assert find(model).proven
    assert not find(model, data_drifted=False).proven
    assert not find(ModelReport("no_labels", estimate=guess(low=-0.01))).proven


def test_less_than_counts_is_no_harm_however_certain():
    """A tenth of 0.2 counts: 0.02."""
    assert not find(known(batch=Excess(0.019, 0.015, 0.023, 500))).proven
    assert find(known(batch=Excess(0.021, 0.015, 0.027, 500))).proven
    assert not find(ModelReport("no_labels", estimate=guess(excess=0.019, low=0.015))).proven


def test_a_doubtful_estimate_or_none_says_nothing():
    doubtful = find(ModelReport("no_labels", estimate=guess(doubts=("a is new", "b is new"))))
    assert (doubtful.source, doubtful.proven, doubtful.excess) == ("unknown", False, None)
    assert doubtful.reason == "a is new; b is new"
    assert find(SEEN).reason == "the champion was trained on this batch"


def test_harm_must_cost_more_than_a_retrain():
    harm = find(known())  # 0.06 a row over 10,000 rows: 600
    assert expected_gain(harm, RetrainPolicy(when="harm")) == pytest.approx(600)
    assert is_harmful(harm, RetrainPolicy(when="harm"))
    assert is_harmful(harm, RetrainPolicy(when="harm", cost=599))
    assert not is_harmful(harm, RetrainPolicy(when="harm", cost=601))
    assert not is_harmful(harm, RetrainPolicy(when="harm", cost=599, horizon_rows=9_000))


def test_what_is_not_proven_or_not_known_is_not_harmful():
    policy = RetrainPolicy(when="harm")
    assert not is_harmful(Harm("labels", False, "", 0.06, -0.01, 0.1, 0.2), policy)
    assert not is_harmful(Harm("unknown", False, "no labels"), policy)
    assert not is_harmful(None, policy)


def test_it_comes_back_from_plain_values():
    assert Harm.from_dict(find(known()).to_dict()) == find(known())
