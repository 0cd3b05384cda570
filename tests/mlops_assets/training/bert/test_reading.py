import numpy as np
import pandas as pd

from mlops_assets.training.bert.reading import Reading, learn_reading


def test_a_single_text_stays_as_it_is():
    assert Reading(texts=("said",), length_max=8).joined({"said": ["A film.", ""]}) == ["A film.", ""]


def test_several_columns_become_one_text_without_what_is_missing():
    reading = Reading(texts=("title", "body"), categories=("colour",), length_max=8)
    columns = {"colour": ["red", ""], "title": ["Up", "Down"], "body": ["a good film", ""]}
    assert reading.joined(columns) == ["colour: red. title: Up. body: a good film", "title: Down"]


def test_numbers_are_standardised_and_missing_is_the_mean():
    X = pd.DataFrame({"said": ["a", "b", "c"], "size": [2.0, 6.0, np.nan], "same": [5.0, 5.0, 5.0]})
    reading = learn_reading(X, ("said",), (), ("size", "same"), 8)
    assert (reading.means, reading.deviations) == ((4.0, 5.0), (2.0, 1.0))  # 2 and 6: mean 4, deviation 2
    texts, numbers = reading.of_frame(X)
    assert texts == ["a", "b", "c"]
    assert numbers.tolist() == [[-1.0, 0.0], [1.0, 0.0], [0.0, 0.0]]


def test_a_column_of_nothing_says_nothing():
    X = pd.DataFrame({"said": ["a", "b"], "size": [np.nan, np.nan]})
    reading = learn_reading(X, ("said",), (), ("size",), 8)
    assert reading.of_frame(X)[1].tolist() == [[0.0], [0.0]]


def test_a_missing_category_is_left_out():
    X = pd.DataFrame({"said": ["a", "b"], "colour": ["red", np.nan]})
    assert learn_reading(X, ("said",), ("colour",), (), 8).of_frame(X)[0] == ["colour: red. said: a", "said: b"]
