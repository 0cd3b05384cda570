import numpy as np
import pandas as pd
import pytest

from mlops_assets.drift.columns import ComparedColumn, compared_columns, label_counts, measured, numbers
from mlops_assets.spec import Derivation
from mlops_assets.spec.tables import TAKES


def test_features_and_target_take_part_but_no_id_and_no_datetime(use_case):
    assert list(compared_columns(use_case)) == [
        "size",
        "weight",
        "colour",
        "note (characters)",
        "note (words)",
        "note (unknown words)",
        "weekday",
        "label",
    ]


@pytest.mark.parametrize("take", [take for take, (sources, kind) in TAKES.items() if (sources, kind) == (1, "numeric")])
def test_positions_in_a_calendar_take_part_without_alarms(use_case, take):
    """A week of a stream lies in one place of its year whatever happens in it; the hour of the day comes every day."""
    column = use_case.columns["weekday"].model_copy(update={"derive": Derivation(take=take, of=["seen"])})
    columns = compared_columns(use_case.model_copy(update={"columns": {**use_case.columns, "weekday": column}}))
    within_a_day = take in ("hour", "minute_of_day", "time_of_day_sin", "time_of_day_cos")
    assert columns["weekday"].alarms == within_a_day
    assert all(one.alarms for name, one in columns.items() if name != "weekday")


def test_a_column_that_the_champion_does_not_use_takes_part_without_alarms(use_case):
    unused = use_case.columns["weight"].model_copy(update={"feature": False})
    columns = compared_columns(use_case.model_copy(update={"columns": {**use_case.columns, "weight": unused}}))
    assert [name for name, column in columns.items() if not column.alarms] == ["weight", "weekday"]


def test_the_target_of_a_classification_is_a_category(use_case):
    assert compared_columns(use_case)["label"] == ComparedColumn("label", "value", "category", alarms=True)


def test_numbers_are_ascending_and_finite():
    values = [3.0, np.nan, np.inf, 1.0, -np.inf, None]
    assert numbers(values) == pytest.approx([1.0, 3.0])


@pytest.mark.parametrize(("measure", "expected"), [("characters", [0, 1, 5]), ("words", [0, 1, 2])])
def test_texts_are_measured_by_length(measure, expected):
    assert numbers(["ab cd", None, "x", ""], measure) == pytest.approx(expected)


def test_texts_are_measured_row_by_row():
    assert measured(pd.Series(["ab cd", None], index=[7, 9]), "words") == pytest.approx([2, np.nan], nan_ok=True)


def test_unknown_words_need_a_vocabulary():
    with pytest.raises(ValueError, match="needs the reference's vocabulary"):
        numbers(["a"], "unknown_words")


def test_labels_are_counted_most_frequent_first_and_whole_numbers_lose_their_point():
    assert list(label_counts(np.array([5.0, 6.0, 6.0, np.nan, 0.5])).items()) == [("6", 2), ("0.5", 1), ("5", 1)]


def test_the_same_label_as_number_and_as_text_is_one_label():
    assert label_counts(np.array([5, 5.0, "5"], dtype=object)) == {"5": 3}
