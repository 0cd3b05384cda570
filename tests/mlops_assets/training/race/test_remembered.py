import numpy as np
import pytest

from mlops_assets.training.race.remembered import Remembered


def remember(rows, days, per_day, recent, rows_max, seed=0):
    random = np.random.default_rng(seed)
    found = Remembered.nothing(rows(0, per_day))
    for day in range(days):
        found = found.after(rows(day, per_day), recent, rows_max, random)
    return found


def test_recent_windows_stay_whole_and_the_rest_is_bounded(rows):
    found = remember(rows, days=20, per_day=10, recent=2, rows_max=50)
    assert len(found.rows) == 50
    assert found.count == 200
    assert (found.rows.window >= 18).sum() == 20
    assert len(found.recent(2)) == 20


def test_all_rows_stay_below_the_limit(rows):
    assert len(remember(rows, days=4, per_day=10, recent=2, rows_max=40).rows) == 40


def test_recent_windows_stay_whole_beyond_the_limit_too(rows):
    found = remember(rows, days=5, per_day=10, recent=3, rows_max=20)
    assert np.unique(found.rows.window).tolist() == [2, 3, 4]
    assert len(found.rows) == 30


def test_older_rows_are_a_uniform_sample(rows):
    """Of 18 older days 30 of 180 rows stay: each day keeps 10 * 30 / 180 = 1.67 on average, the first like the last."""
    counts = sum(
        np.bincount(remember(rows, 20, 10, recent=2, rows_max=50, seed=seed).rows.window, minlength=20)
        for seed in range(60)
    )
    assert counts[:6].mean() / 60 == pytest.approx(30 / 18, rel=0.1)
    assert counts[12:18].mean() / 60 == pytest.approx(30 / 18, rel=0.1)


def test_windows_without_a_known_label_are_not_the_recent_ones(rows):
    found = Remembered.nothing(rows(0)).after(rows(3, 5) + rows(7, 5), 2, 100, np.random.default_rng(0))
    assert len(found.recent(2)) == 10


def test_of_nothing_nothing_is_recent(rows):
    found = Remembered.nothing(rows(0)).after(rows(0, 0), 2, 100, np.random.default_rng(0))
    assert (len(found.rows), found.count, len(found.recent(2))) == (0, 0, 0)
