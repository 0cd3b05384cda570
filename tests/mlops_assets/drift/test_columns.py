import numpy as np
import pytest

from mlops_assets.drift.columns import compared_columns, label_counts, numbers


def test_features_and_target_take_part_but_no_id_and_no_calendar_position(use_case):
    assert list(compared_columns(use_case)) == [
        "size",
        "weight",
        "colour",
        "note (characters)",
        "note (words)",
        "label",
    ]


def test_the_target_of_a_classification_is_a_category(use_case):
    assert compared_columns(use_case)["label"] == ("label", "value", "category")


def test_numbers_are_ascending_and_finite():
    values = [3.0, np.nan, np.inf, 1.0, -np.inf, None]
    assert numbers(values) == pytest.approx([1.0, 3.0])


@pytest.mark.parametrize(("measure", "expected"), [("characters", [0, 1, 5]), ("words", [0, 1, 2])])
def test_texts_are_measured_by_length(measure, expected):
    assert numbers(["ab cd", None, "x", ""], measure) == pytest.approx(expected)


def test_labels_are_counted_most_frequent_first_and_whole_numbers_lose_their_point():
    assert list(label_counts(np.array([5.0, 6.0, 6.0, np.nan, 0.5])).items()) == [("6", 2), ("0.5", 1), ("5", 1)]


def test_the_same_label_as_number_and_as_text_is_one_label():
    assert label_counts(np.array([5, 5.0, "5"], dtype=object)) == {"5": 3}
