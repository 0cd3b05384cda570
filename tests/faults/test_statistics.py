"""False alarms stay as rare as promised; each check also shows that a naive method fails it."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from bench.evidence.late_labels import late_promotions
from bench.evidence.null_streams import streams as year_of_streams
from bench.evidence.verdicts import labels_needed, null_streams, sequence, wrong_share, z_test
from mlops_assets.decision.confidence import labels_until_above
from mlops_assets.decision.harm import LOOKS_ALPHA, is_proven
from mlops_assets.decision.rates import rate_mismatch
from mlops_assets.decision.ratio import ALARM, ratio_mismatch
from mlops_assets.decision.unpaired import unpaired_differences
from mlops_assets.decision.verdict import decide, decide_differences
from mlops_assets.drift.reference import build_reference
from mlops_assets.drift.score import score_drift
from mlops_assets.loss.monitor import evidence_path
from mlops_assets.loss.sketch import sketch_losses
from mlops_assets.spec import Decision, DriftPolicy, UseCase


def limit_of(rate: float, rounds: int) -> float:
    """The rate and three standard errors of its estimate."""
    return rate + 3 * math.sqrt(rate * (1 - rate) / rounds)


def wide(n_numeric: int, n_category: int) -> UseCase:
    """A use case with that many columns beside its target."""
    names = {f"x{at}": {"kind": "numeric"} for at in range(n_numeric)}
    names |= {f"c{at}": {"kind": "category"} for at in range(n_category)}
    return UseCase.model_validate(
        {
            "name": "wide",
            "description": "columns without a meaning",
            "task": "regression",
            "target": "y",
            "format": {"kind": "parquet"},
            "columns": {**names, "y": {"kind": "numeric"}},
            "training": {"metric": "mae"},
            "decision": {"loss": "absolute"},
        }
    )


@pytest.mark.slow
def test_a_year_of_batches_without_drift_alarms_no_more_often_than_promised():
    references, streams = 6, 4
    found = np.array([year_of_streams(2000, seed, draws=2000, count=streams) for seed in range(references)])
    ours, naive = found.mean(axis=0)
    assert ours <= limit_of(DriftPolicy().alpha, references * streams)
    assert naive > 0.5  # Kolmogorov-Smirnov with Bonferroni, whose promise is for one batch


ODD = st.sampled_from([0.0, 1.0, -1.0, np.nan, np.inf, -np.inf, 1e308, -1e308, 5e-324])
NUMBERS = arrays(np.float64, st.integers(0, 120), elements=ODD | st.floats(width=64))
LABELS = st.lists(st.sampled_from(["a", "b", "new", "", None]), max_size=120)


@settings(max_examples=300)
@given(trained=NUMBERS, numbers=NUMBERS, seen=LABELS, labels=LABELS)
def test_odd_batches_are_scored_without_an_error_and_without_nan(trained, numbers, seen, labels):
    use_case = wide(1, 1)
    reference = build_reference(_frame(trained, seen), use_case, predictions=trained, draws=50)
    batch = _frame(numbers, labels)
    report = score_drift(reference, batch, DriftPolicy(rows_min=50), predictions=batch["x0"])
    json.dumps(report.to_dict(), allow_nan=False)
    calibrated = reference.limits.rows_min is not None
    assert (report.status == "too_small") == (len(batch) < 50 or not calibrated)
    assert all(column.score >= 0 for column in report.columns)
    assert not any(column.drifted and column.undetermined for column in report.columns)


def _frame(numbers, labels):
    n = min(len(numbers), len(labels))
    return pd.DataFrame({"x0": numbers[:n], "c0": pd.Series(labels[:n], dtype=object)})


STREAMS, OUTCOMES = 1_000, 2_000
LOOKS = np.linspace(OUTCOMES / 20, OUTCOMES, 20).astype(int)


@pytest.fixture(scope="module")
def streams():
    """Differences of two zero-one losses with 40 % disagreement and no difference, shape (streams, outcomes)."""
    return np.random.default_rng(11).choice([1.0, 0.0, -1.0], (STREAMS, OUTCOMES), p=[0.2, 0.6, 0.2])


def test_looking_often_promotes_no_more_equal_challengers_than_promised(streams):
    decision = Decision(loss="zero_one", alpha=0.05)
    verdicts = [labels_until_above(stream, 0.0, -1, 1, decision.alpha) for stream in streams]
    assert sum(labels is not None for labels in verdicts) / STREAMS <= limit_of(decision.alpha, STREAMS)
    for stream, labels in zip(streams[:20], verdicts, strict=False):
        outcomes = [decide(stream[:n] == 1, stream[:n] == -1, decision).outcome for n in LOOKS]
        assert ("promote" in outcomes) == (labels is not None)


def test_a_z_test_at_each_look_promotes_far_more(streams):
    sums, squares = streams.cumsum(axis=1)[:, LOOKS - 1], (streams**2).cumsum(axis=1)[:, LOOKS - 1]
    z = sums / np.sqrt(squares - sums**2 / LOOKS)
    promoted = (z > stats.norm.isf(0.05 / 2)).any(axis=1)
    assert promoted.mean() > limit_of(0.05, STREAMS)


@pytest.fixture(scope="module")
def undecided():
    """Streams of 5,000 differences without a true one: name -> (streams, bound), 200 of each."""
    return null_streams(200, seed=21)


NULLS = ("wrong answers, 10 % disagreement", "absolute errors, Student's t with 2", "errors with log-normal tails")


@pytest.mark.parametrize("name", NULLS)
def test_five_thousand_looks_give_no_more_wrong_verdicts_than_promised(undecided, name):
    streams, scale = undecided[name]
    assert wrong_share(streams, scale, sequence) <= limit_of(0.05, len(streams))
    assert wrong_share(streams, scale, z_test) > limit_of(0.05, len(streams))


def test_three_points_at_a_tenth_of_disagreement_need_nine_hundred_labels():
    assert np.median(labels_needed(200, seed=22)) <= 900


@pytest.mark.slow
@pytest.mark.parametrize("paired", [False, True])
def test_labels_that_come_later_where_one_model_was_wrong_promote_nobody(paired):
    late = late_promotions(30, paired=paired)
    assert late.ours <= limit_of(0.05, 30)
    assert late.naive > 0.2


UNITS, REQUESTS = 40, 200


def units_that_ask_often(seed):
    """(losses, arm of each, unit of each): units differ in how hard they are, versions do not."""
    rng = np.random.default_rng(seed)
    hard, of_b = rng.choice([0.1, 0.6], UNITS), rng.random(UNITS) < 0.5
    unit = rng.integers(0, UNITS, UNITS * REQUESTS)
    return (rng.random(len(unit)) < hard[unit]).astype(float), of_b[unit], unit


def test_units_that_ask_often_decide_nothing_and_ring_no_alarm():
    decision = Decision(loss="zero_one", labels_min=20, labels_max=100_000)
    wrong, alarms = np.zeros(2), np.zeros(2)
    for seed in range(100):
        losses, of_b, unit = units_that_ask_often(seed)
        first = np.sort(np.unique(unit, return_index=True)[1])
        for at, counted in enumerate((first, np.arange(len(unit)))):
            found = unpaired_differences(losses[counted], of_b[counted], 0.5, decision)
            wrong[at] += decide_differences(found, decision).outcome in ("promote", "reject")
            alarms[at] += ratio_mismatch(*_counts(of_b[counted]), 0.5) < ALARM
    assert wrong[0] <= 100 * limit_of(decision.alpha, 100)
    assert alarms[0] <= 1
    assert wrong[1] > 20
    assert alarms[1] > 20


def test_lost_rows_of_one_arm_are_noticed():
    found, alarms = 0, 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        of_b = rng.random(100_000) < 0.5
        logged = of_b[~of_b | (rng.random(100_000) > 0.04)]
        found += ratio_mismatch(*_counts(logged), 0.5) < ALARM
        alarms += ratio_mismatch(*_counts(of_b), 0.5) < ALARM
    assert found >= 0.99 * 200
    assert alarms <= 2


def _counts(of_b):
    at = np.geomspace(min(100, len(of_b)), len(of_b), 200).astype(int)
    counts_b = of_b.cumsum()[at - 1]
    return at - counts_b, counts_b


def test_lost_labels_of_one_arm_are_noticed_however_often_one_looks():
    found, alarms = 0, 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        answers = np.full(100, 500)
        a, b, lossy = (rng.binomial(500, share, 100) for share in (0.5, 0.5, 0.48))
        found += rate_mismatch(a, answers, lossy, answers) < ALARM
        alarms += rate_mismatch(a, answers, b, answers) < ALARM
    assert found >= 0.85 * 200
    assert alarms <= 2


def loss_streams(streams: int):
    """Held-out losses of 2,000 rows and 52 batches of 50 to 1,000, all with one error in five."""
    for seed in range(streams):
        rng = np.random.default_rng([12, seed])
        rows = rng.integers(50, 1001, 52)
        yield rng.random(2000) < 0.2, [rng.random(n) < 0.2 for n in rows]


def test_champions_that_never_got_worse_alarm_no_more_often_than_promised_in_a_year():
    rounds, alpha = 120, DriftPolicy().loss_alpha
    alarms, by_batch, by_three_sd = 0, 0, 0
    for held_out, batches in loss_streams(rounds):
        sketches = [sketch_losses(losses, 1.0) for losses in (held_out, *batches)]
        alarms += evidence_path(sketches[0], sketches[1:], two_points=True).max() >= -math.log(alpha)
        welch = [stats.ttest_ind(losses, held_out, equal_var=False, alternative="greater") for losses in batches]
        by_batch += any(test.pvalue <= alpha for test in welch)
        by_three_sd += any(losses.mean() > 0.2 + 3 * math.sqrt(0.16 / len(losses)) for losses in batches)
    assert alarms / rounds <= limit_of(alpha, rounds)
    assert by_batch / rounds > 0.5
    assert by_three_sd / rounds > limit_of(alpha, rounds) / 2  # 52 * 0.00135: seven in a hundred


@pytest.mark.parametrize("start", [1, 11])
def test_five_more_points_of_error_are_found_within_three_batches_of_500(start):
    delays = []
    for seed in range(60):
        rng = np.random.default_rng([13, seed, start])
        levels = [0.25 if at >= start else 0.2 for at in range(1, start + 12)]
        sketches = [sketch_losses(rng.random(n) < p, 1.0) for n, p in [(4000, 0.2), *((500, p) for p in levels)]]
        alarms = np.flatnonzero(evidence_path(sketches[0], sketches[1:], two_points=True) >= -math.log(0.05))
        delays.append(alarms[0] + 2 - start if len(alarms) else 99)
    assert np.median(delays) <= 3


def test_drift_that_stays_without_harm_does_not_prove_harm_by_the_number_of_its_batches():
    """1,000 champions, 20 drifted batches each, excesses within chance; a 95 % interval at each look errs far more."""
    rng = np.random.default_rng(14)
    z = rng.normal(size=(1000, 20))
    proven = [[is_proven(x, x - 1.96, x + 1.96, look) for look, x in enumerate(row, start=1)] for row in z]
    assert np.any(proven, axis=1).mean() <= limit_of(LOOKS_ALPHA, 1000)
    assert (z > 1.96).any(axis=1).mean() > 0.3
