import numpy as np
import pytest

from mlops_assets.decision import confidence
from mlops_assets.decision.confidence import (
    STAKES,
    WEIGHTS,
    interval_path,
    labels_until_above,
    labels_until_below,
    mean_interval,
)


def stream(n, mean=0.0, seed=0):
    """Differences of two zero-one losses with 40 % disagreement."""
    better = (0.4 + mean) / 2
    return np.random.default_rng(seed).choice([1.0, -1.0, 0.0], n, p=[better, 0.4 - better, 0.6])


def test_the_capital_after_one_label_by_hand(monkeypatch):
    # one part that stakes 1/2 against mean 1/4; a label 1 pays 1 + 1/2 (4 - 1) = 2.5, a label 0 pays 1/2
    monkeypatch.setattr(confidence, "STAKES", np.array([0.5]))
    monkeypatch.setattr(confidence, "WEIGHTS", np.array([1.0]))
    capital = np.exp(confidence._log_capital(confidence._Game(np.array([1.0, 0.0]), 0.0), 0.25))
    assert capital == pytest.approx([2.5, 1.25])


def test_ones_alone_exclude_zero_after_the_labels_that_the_stakes_need():
    # eight parts of 1, 3, 10, 6, 2, 1, 1, 1 of 25 grow by 1.99, 1.495, 1.2475, ... with each label; at the ninth their
    # sum is 0.04 * 1.99^9 + 0.12 * 1.495^9 + 0.4 * 1.2475^9 + ... = 27.9 < 40, at the tenth 50.4
    sums = [sum(w * (1 + s) ** n for w, s in zip(WEIGHTS, STAKES, strict=True)) for n in range(20)]
    n = next(n for n, capital in enumerate(sums) if capital >= 40)
    assert labels_until_above(np.ones(20), 0.0, -1, 1, 0.05) == n
    assert labels_until_below(-np.ones(20), 0.0, -1, 1, 0.05) == n
    assert labels_until_above(np.ones(n - 1), 0.0, -1, 1, 0.05) is None


def test_without_a_value_the_interval_is_the_whole_range():
    assert mean_interval(np.array([]), -2, 6, 0.05) == confidence.Interval(2.0, -2.0, 6.0)


def test_the_interval_narrows_around_the_mean():
    widths = []
    for n in (100, 1000, 10_000):
        interval = mean_interval(stream(n, mean=0.1), -1, 1, 0.05)
        assert interval.low < 0.1 < interval.high
        widths.append(interval.high - interval.low)
    assert widths[0] > 2 * widths[1] > 4 * widths[2]


def test_a_smaller_spread_gives_a_narrower_interval():
    wide, narrow = stream(500), stream(500) / 10
    assert np.diff([*_ends(narrow)]) < np.diff([*_ends(wide)]) / 3


def _ends(values):
    interval = mean_interval(values, -1, 1, 0.05)
    return interval.low, interval.high


def test_the_unit_does_not_matter():
    one, minutes = mean_interval(stream(300), -1, 1, 0.05), mean_interval(120 * stream(300), -120, 120, 0.05)
    assert (minutes.low, minutes.high) == pytest.approx((120 * one.low, 120 * one.high))


def test_losses_and_gains_mirror_each_other():
    one, other = mean_interval(stream(300, 0.1), -1, 1, 0.05), mean_interval(-stream(300, 0.1), -1, 1, 0.05)
    assert (one.low, one.high) == (-other.high, -other.low)


def test_the_interval_never_grows_and_the_path_says_the_same():
    values = stream(400, mean=0.15, seed=3)
    path = interval_path(values, -1, 1, 0.05)
    assert (np.diff(path.low) >= 0).all()
    assert (np.diff(path.high) <= 0).all()
    for n in (1, 40, 150, 399, 400):
        interval = mean_interval(values[:n], -1, 1, 0.05)
        assert path.estimate[n - 1] == pytest.approx(interval.estimate)
        assert interval.low - 0.05 <= path.low[n - 1] <= interval.low + 1e-6
        assert interval.high - 1e-6 <= path.high[n - 1] <= interval.high + 0.05
    assert (path.low[-1], path.high[-1]) == (interval.low, interval.high)


def test_an_end_at_which_all_values_lie_is_never_excluded():
    assert (interval_path(np.full(9, -1.0), -1, 1, 0.05).low == -1).all()
    assert (interval_path(np.full(9, 1.0), -1, 1, 0.05).high == 1).all()
    assert len(interval_path(np.array([]), -1, 1, 0.05).low) == 0


def test_the_count_and_the_interval_agree():
    values = stream(2000, mean=0.12)
    n = labels_until_above(values, 0.0, -1, 1, 0.05)
    assert mean_interval(values[: n - 1], -1, 1, 0.05).low < 0 <= mean_interval(values[:n], -1, 1, 0.05).low


@pytest.mark.parametrize("value", [1.5, -1.5, np.nan])
def test_a_value_outside_the_range_is_refused(value):
    with pytest.raises(ValueError, match=f"value {value} is not between -1 and 1"):
        mean_interval(np.array([0.0, value]), -1, 1, 0.05)


def test_a_hundred_thousand_labels_are_no_burden():
    interval = mean_interval(stream(100_000, mean=0.02), -1, 1, 0.05)
    assert 0 < interval.low < 0.02 < interval.high < 0.04


def test_bounds_of_each_value_weigh_it_by_its_own_range():
    # the same coin, told in units of its own at every toss, is the same game: mean 0.5 of [0, 1] is 0 of [-w, w]
    rng = np.random.default_rng(5)
    coin, width = rng.choice([1.0, 0.0], 200, p=[0.7, 0.3]), rng.choice([1.0, 8.0], 200)
    plain = labels_until_above(coin, 0.5, 0.0, 1.0, 0.05)
    assert labels_until_above((2 * coin - 1) * width, 0.0, -width, width, 0.05) == plain


def test_the_mean_is_sought_only_where_it_can_lie():
    wide = mean_interval(np.zeros(3), np.full(3, -50.0), np.full(3, 50.0), 0.05, within=(-1, 1))
    assert (wide.low, wide.high) == (-1, 1)


# Capital and interval of the diversified betting martingale of confseq, the package of the paper's authors: formulas
# of its betting_mart and diversified_betting_mart (commit 04e4464, theta = 1, trunc_scale = 1) typed out and run with
# bets lambda = stake / m, our stakes and weights; the interval from a grid of 1/1000 at the threshold 2 / 0.05.
COINS = np.array([1, 0, 1, 1, 0, 1, 1, 1, 0.5, 1, 0.25, 1, 1, 1, 0, 1, 1, 1, 1, 1])
CAPITAL = {
    0.3: [1.54790313, 1.82650486, 16.7525846, 2082.69829],
    0.5: [1.23481563, 1.009892, 2.23174469, 10.14083896],
    0.7: [1.10063527, 0.77074636, 0.98711825, 1.29526434],
}
ENDS = {5: (0.079, 0.978), 10: (0.253, 0.97), 20: (0.428, 0.94)}


@pytest.mark.parametrize("mean", CAPITAL)
def test_the_capital_is_that_of_the_reference_implementation(mean):
    capital = np.exp(confidence._log_capital(confidence._Game(COINS, 0.0), mean))
    assert capital[[0, 4, 9, 19]] == pytest.approx(CAPITAL[mean], rel=1e-7)


@pytest.mark.parametrize("n", ENDS)
def test_the_interval_is_that_of_the_reference_implementation(n):
    interval = mean_interval(COINS[:n], 0.0, 1.0, 0.05)
    assert (interval.low, interval.high) == pytest.approx(ENDS[n], abs=0.001)
