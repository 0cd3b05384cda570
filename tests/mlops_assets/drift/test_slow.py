import math

import numpy as np
import pytest
from scipy import stats

from mlops_assets.drift.budget import alpha_of
from mlops_assets.drift.history import Seen, Shift
from mlops_assets.drift.limits import Limits
from mlops_assets.drift.slow import slow_drift

EXACT = Limits(np.array([20]), np.array([2.0]), np.array([1 / math.log(10)]))  # -log10 of the chance itself
ROWS = {"x": 4000.0, "y": 4000.0}


def seen_of(rows, shifts):
    return Seen({name: Shift(mean, rows) for name, mean in shifts.items()})


def test_two_batches_by_hand():
    # weights 0.9 and 1 over 1.9; 1 / sum(v^2 / 100) = 100 * 1.9^2 / 1.81 = 199.4; shift 1 / 1.9 * 0.5
    found = slow_drift([seen_of(100, {"x": 0.0}), seen_of(100, {"x": 0.5})], {"x": 1000.0}, EXACT, 0.01, 0.1)
    z = (0.5 / 1.9) / math.sqrt(1.81 / 361 + 1 / 1000)
    assert found.shift == pytest.approx(0.5 / 1.9)
    assert found.score == pytest.approx(-math.log10(2 * stats.norm.sf(z)))
    assert (found.column, found.batches, found.limit, found.drifted) == ("x", 2, pytest.approx(2.0), True)


def test_one_batch_or_no_common_column_has_nothing_to_accumulate():
    assert slow_drift([seen_of(100, {"x": 1.0})], ROWS, EXACT, 0.01, 0.1) is None
    assert slow_drift([seen_of(100, {"x": 1.0}), seen_of(100, {"y": 1.0})], ROWS, EXACT, 0.01, 0.1) is None
    assert slow_drift([], ROWS, EXACT, 0.01, 0.1) is None


def test_a_column_counts_by_its_values_and_not_by_the_rows_around_them():
    few = [Seen({"x": Shift(0.0, 1000), "y": Shift(0.5, 10)})] * 4
    # y: 10 values a batch, weights 0.9^age: 10 * 3.439^2 / 2.9975 = 39.5 values and not 3,946
    found = slow_drift(few, ROWS, EXACT, 0.001, 0.1)
    assert (found.column, found.drifted) == ("y", False)
    assert found.score == pytest.approx(
        -math.log10(4 * stats.norm.sf(0.5 / math.sqrt(1 / 39.46 + 1 / 4000))), abs=0.001
    )


def test_a_batch_without_a_column_only_pauses_it():
    batches = [seen_of(400, {"x": 0.3, "y": 0.0}), seen_of(400, {"y": 0.0}), seen_of(400, {"x": 0.3, "y": 0.0})]
    found = slow_drift(batches, ROWS, EXACT, 0.01, 0.1)
    assert (found.column, found.shift, found.batches) == ("x", pytest.approx(0.3), 2)


def test_too_few_values_say_nothing():
    assert slow_drift([seen_of(5, {"x": 3.0})] * 3, ROWS, EXACT, 0.01, 0.1) is None  # 14.7 values, 20 are due


def test_a_drift_is_told_before_a_more_certain_shift_below_its_floor():
    batches = [Seen({"x": Shift(0.09, 10**6), "y": Shift(0.3, 400)})] * 5
    assert slow_drift(batches, ROWS, EXACT, 0.001, 0.1).column == "y"


def test_a_certain_shift_below_its_floor_is_no_drift():
    many = [seen_of(10**6, {"x": 0.09})] * 9
    found = slow_drift(many, {"x": 10_000.0}, EXACT, 0.001, 0.1)
    assert (found.score > found.limit, found.drifted) == (True, False)


def streams(rng, moves, count, batches=52, rows=200):
    """Shares of streams of normal columns that alarm, all against references of their own."""
    alarms = 0
    for _ in range(count):
        offset = rng.normal(size=2) / math.sqrt(4000)  # the reference's own error
        seen = []
        for number in range(1, batches + 1):
            shift = rng.normal(size=2) / math.sqrt(rows) - offset + [moves * number, 0]
            seen.append(seen_of(rows, dict(zip(ROWS, shift.tolist(), strict=True))))
            found = slow_drift(seen, ROWS, EXACT, alpha_of(number, 0.05), 0.02)
            if found is not None and found.drifted:
                alarms += 1
                break
    return alarms / count


def test_streams_without_drift_alarm_no_more_often_than_promised():
    assert streams(np.random.default_rng(1), 0.0, 200) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)


def test_a_creeping_shift_is_found_before_any_batch_would_show_it():
    assert streams(np.random.default_rng(2), 0.005, 40) > 0.9  # 0.26 standard deviations after a year
