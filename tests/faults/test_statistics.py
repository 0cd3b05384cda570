"""False alarms stay as rare as promised; each check also shows that a naive method fails it."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from mlops_assets.decision.confidence import labels_until_above
from mlops_assets.decision.ratio import ALARM, ratio_mismatch
from mlops_assets.decision.verdict import decide
from mlops_assets.drift.reference import build_reference
from mlops_assets.drift.score import score_drift
from mlops_assets.spec import Decision, DriftPolicy, Limit, UseCase


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


def draw(rng: np.random.Generator, n: int, n_numeric: int = 14, n_category: int = 6) -> pd.DataFrame:
    """Skewed, heavy-tailed, whole and missing numbers; categories with rare ones."""
    shapes = [rng.normal, rng.exponential, lambda size: rng.poisson(2, size).astype(float)]
    columns = {f"x{at}": shapes[at % 3](size=n) for at in range(n_numeric)}
    for at in range(0, n_numeric, 4):
        columns[f"x{at}"] = np.where(rng.random(n) < 0.03, np.nan, columns[f"x{at}"])
    shares = np.array([0.5, 0.3, 0.15, 0.04, *np.full(10, 0.001)])
    for at in range(n_category):
        columns[f"c{at}"] = rng.choice([f"label {n}" for n in range(len(shares))], n, p=shares)
    return pd.DataFrame(columns)


TINY = Limit(value=1e-9, origin="any effect at all, so that the test alone decides")


@pytest.mark.slow
@pytest.mark.parametrize("n", [60, 2000])
def test_batches_without_drift_alarm_no_more_often_than_promised(n):
    use_case, rounds = wide(14, 6), 200
    strict = DriftPolicy(alpha=0.05, numeric={"ks": TINY}, category={"chi_square": TINY}, missing_share=TINY)
    alarms, strict_alarms, naive_alarms = 0, 0, 0
    for seed in range(rounds):
        rng = np.random.default_rng(seed)
        reference, batch = build_reference(draw(rng, 4000), use_case), draw(rng, n)
        alarms += score_drift(reference, batch, DriftPolicy()).status == "drift"
        report = score_drift(reference, batch, strict)
        strict_alarms += report.status == "drift"
        naive_alarms += any(column.p_value <= strict.alpha for column in report.columns)
    assert alarms / rounds <= limit_of(DriftPolicy().alpha, rounds)
    assert strict_alarms / rounds <= limit_of(strict.alpha, rounds)
    assert naive_alarms / rounds > limit_of(strict.alpha, rounds)


ODD = st.sampled_from([0.0, 1.0, -1.0, np.nan, np.inf, -np.inf, 1e308, -1e308, 5e-324])
NUMBERS = arrays(np.float64, st.integers(0, 120), elements=ODD | st.floats(width=64))
LABELS = st.lists(st.sampled_from(["a", "b", "new", "", None]), max_size=120)


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(trained=NUMBERS, numbers=NUMBERS, seen=LABELS, labels=LABELS)
def test_odd_batches_are_scored_without_an_error_and_without_nan(trained, numbers, seen, labels):
    use_case = wide(1, 1)
    reference = build_reference(_frame(trained, seen), use_case, predictions=trained)
    batch = _frame(numbers, labels)
    report = score_drift(reference, batch, DriftPolicy(rows_min=50), predictions=batch["x0"])
    json.dumps(report.to_dict(), allow_nan=False)
    assert (report.status == "too_small") == (len(batch) < 50)
    assert all(column.p_value is None or 0 <= column.p_value <= 1 for column in report.columns)
    assert not any(column.drifted for column in report.columns if column.p_value is None)


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
    at = np.geomspace(100, len(of_b), 200).astype(int)
    counts_b = of_b.cumsum()[at - 1]
    return at - counts_b, counts_b
