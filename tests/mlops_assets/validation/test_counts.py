import pandas as pd

from mlops_assets.validation.counts import count_missing, count_outliers, count_unparsable, fences


def test_fences_are_three_middle_halves_away(make_use_case) -> None:
    # Quartiles of 0..4 are 1 and 3, so the fences are 1 - 3 * 2 = -5 and 3 + 3 * 2 = 9.
    assert fences(pd.DataFrame({"weight": [0.0, 1, 2, 3, 4]}), make_use_case()) == {"weight": (-5.0, 9.0)}


def test_only_what_lies_beyond_a_fence_counts() -> None:
    assert count_outliers(pd.DataFrame({"a": [-5.0, 9.0, 9.1, None]}), {"a": (-5.0, 9.0)}) == {"a": 1}
    assert count_outliers(pd.DataFrame({"a": [1.0]}), {"a": (-5.0, 9.0)}) == {}


def test_a_column_whose_middle_half_is_one_value_has_no_fences(make_use_case) -> None:
    assert fences(pd.DataFrame({"weight": [1.0] * 9 + [50.0]}), make_use_case()) == {}
    assert fences(pd.DataFrame({"weight": pd.Series([], dtype=float)}), make_use_case()) == {}


def test_unreadable_values_are_counted_by_column() -> None:
    assert count_unparsable(pd.DataFrame({"_unparsable": ["a,b", None, "b"]})) == {"b": 2, "a": 1}


def test_missing_values_are_counted_by_column(make_use_case) -> None:
    assert count_missing(pd.DataFrame({"weight": [None, 1.0], "minutes": [1.0, 2.0]}), make_use_case()) == {"weight": 1}
