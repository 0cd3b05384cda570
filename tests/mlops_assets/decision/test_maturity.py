import numpy as np
import pytest

from mlops_assets.decision.maturity import allowance, mature

ONE_KIND = np.zeros(100, dtype=np.int64)


def test_labels_that_come_at_once_count_at_once():
    found = mature(np.full(100, 0.4), np.arange(100.0), ONE_KIND, 0.95)
    assert (found.window_s, found.counts.all(), found.look_in_s) == (0.0, True, None)


def test_no_label_is_nothing_to_wait_for():
    assert mature(np.array([]), np.array([]), np.array([], dtype=np.int64), 0.95).look_in_s is None


def test_answers_younger_than_the_window_do_not_count_whatever_label_they_have():
    # lags of 10 s, of old answers and of some of 10 s; one answer of 4 s has its label after 2 s
    ages = np.append(np.repeat([900.0, 10.0], [90, 10]), 4.0)
    found = mature(np.append(np.full(100, 10.0), 2.0), ages, np.append(ONE_KIND, 0), 0.9)
    assert (found.window_s, found.counts[:100].all(), found.counts[100]) == (10.0, True, False)
    assert found.look_in_s == 6.0


def test_a_young_experiment_cannot_know_its_lag():
    # labels of up to 10 s need an answer of 3 * 10 s before it is known that none take 20 s
    young = mature(np.full(100, 10.0), np.linspace(10, 20, 100), ONE_KIND, 0.9)
    assert (young.window_s, young.counts.any(), young.look_in_s) == (None, False, 10.0)


def test_labels_that_still_come_as_at_first_are_waited_for():
    # nine in ten labels within 5 s, but those of a second kind spread evenly over all the time there was
    ages = np.full(100, 100.0)
    even = np.arange(100) < 12
    lags = np.full(100, 5.0)
    lags[even] = np.linspace(5, 95, 12)
    waiting = mature(lags, ages, even.astype(np.int64), 0.3)
    assert (waiting.window_s, waiting.look_in_s) == (None, 100 / 16)


def test_the_slowest_kind_sets_the_window():
    # 10 of 100 labels are of a kind that takes 30 s: its quantile counts, not that of the whole
    slow = np.arange(100) < 10
    lags, ages = np.where(slow, 30.0, 5.0), np.full(100, 99.0)
    assert mature(lags, ages, ONE_KIND, 0.9).window_s == 5.0
    assert mature(lags, ages, slow.astype(np.int64), 0.9).window_s == 30.0


def test_what_may_still_come_is_stated_for_each_label():
    # half of the labels take 20 s, half 5 s, learned from old answers; window at the median is 5 s, so that answers of
    # 5 to 20 s stand for one label more
    rng = np.random.default_rng(1)
    ages = np.concatenate([np.full(400, 90.0), np.full(50, 10.0)])
    lags = np.concatenate([rng.permutation(np.repeat([5.0, 20.0], 200)), np.full(50, 5.0)])
    found = mature(lags, ages, np.zeros(450, dtype=np.int64), 0.5)
    assert found.missing[:400] == pytest.approx(np.zeros(400))
    assert found.missing[400:] == pytest.approx(np.full(50, 1.0), rel=0.15)


def test_values_that_are_all_alike_cannot_be_moved():
    assert allowance(np.full(4, 0.3), np.ones(4)) == pytest.approx(0.0)
    assert allowance(np.array([]), np.array([])) == 0.0


def test_a_clock_that_ran_ahead_makes_no_label_early():
    found = mature(np.array([-5.0, -3.0]), np.array([10.0, -2.0]), np.zeros(2, dtype=np.int64), 0.95)
    assert (found.window_s, found.counts.all()) == (0.0, True)
