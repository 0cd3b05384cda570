import numpy as np
import pandas as pd
import pytest

from mlops_assets.eda.column import Levels, figures_of, figures_of_labels, figures_of_numbers


def test_figures_by_hand() -> None:
    found = figures_of_numbers([1, 2, 3, 4, float("nan")], k=3)
    assert (found.mean, found.quartiles) == (2.5, (1, 1.75, 2.5, 3.25, 4))
    assert found.std == pytest.approx(np.sqrt(5 / 3))  # (2.25 + 0.25 + 0.25 + 2.25) / 3
    assert (found.edges, found.counts) == ((0.5, 1.5, 2.5, 3.5, 4.5), (1, 1, 1, 1))
    assert found.outliers == 0


def test_far_out_values_are_counted_and_stand_at_the_end_of_the_histogram() -> None:
    values = [*range(100), 10_000]
    found = figures_of_numbers(values, k=3)  # quartiles 25 and 75: far out above 75 + 3 * 50 = 225
    assert found.outliers == pytest.approx(1 / 101)
    assert sum(found.counts) == 101


def test_a_column_that_is_mostly_one_value_has_no_scale_for_outliers() -> None:
    found = figures_of_numbers([0] * 9 + [1], k=3)
    assert found.outliers is None
    assert sum(found.counts) == 10


def test_nothing_is_said_of_nothing() -> None:
    assert figures_of_numbers([float("nan")], k=3) is None
    assert figures_of_labels(pd.Series([None, None], dtype=object)) is None
    one = figures_of_numbers([5.0], k=3)
    assert (one.std, one.counts, one.edges) == (0, (1,), (4.5, 5.5))


def test_labels_are_counted_the_most_frequent_first() -> None:
    values = pd.Series([*"aabbbc", None])
    assert figures_of_labels(values) == Levels(3, (("b", 3), ("a", 2), ("c", 1)), 0)
    many = pd.Series([str(number) for number in range(20)])
    assert (figures_of_labels(many).distinct, figures_of_labels(many).others) == (20, 12)


def test_each_kind_is_measured_in_its_own_way() -> None:
    text = figures_of(pd.Series(["four", None, "sixsix"]), "note", "text", 1 / 3, 3)
    assert (text.measure, text.numbers.quartiles[::4], text.levels) == ("characters", (4, 6), None)
    days = figures_of(pd.Series(pd.to_datetime(["2026-01-01T00:00", "2026-01-04T12:00"])), "at", "datetime", 0, 3)
    assert (days.measure, days.numbers.quartiles[::4]) == ("days since the first", (0, 3.5))
    assert figures_of(pd.Series(["a", "b"]), "id", "id", 0, 3).levels.distinct == 2
    assert figures_of(pd.Series([None, None], dtype=object), "note", "text", 1, 3).numbers is None


def test_times_that_lie_centuries_apart_have_figures() -> None:
    times = pd.Series(pd.to_datetime(["1700-01-01", "2200-01-01", None]))
    assert figures_of(times, "at", "datetime", 1 / 3, k=3).numbers.quartiles[-1] == 500 * 365 + 121
