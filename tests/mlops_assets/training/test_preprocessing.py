import numpy as np
import pandas as pd
import pytest

from mlops_assets.training.candidate import Problem
from mlops_assets.training.preprocessing import build_preprocessing

X = pd.DataFrame({"size": [1.0, 3.0, np.nan], "empty": [np.nan] * 3, "colour": ["b", "a", np.nan]})


def problem(**more):
    kinds = {"numeric": ("size", "empty"), "category": ("colour",), "text": ()} | more
    return Problem("regression", "mae", n_rows=3, ascii_text=True, random_state=0, **kinds)


def transform(style, variant="plain", on=X):
    return build_preprocessing(problem(), style, variant).fit(X).transform(on)


def test_codes_fill_numbers_and_mark_missing_categories():
    # the median of 1 and 3 is 2; an empty column becomes 0; a, b are 0, 1
    assert transform("codes").tolist() == [[1, 0, 1], [3, 0, 0], [2, 0, -1]]


def test_native_leaves_what_is_missing():
    np.testing.assert_equal(transform("native"), [[1, np.nan, 1], [3, np.nan, 0], [np.nan] * 3])


def test_one_hot_gives_a_column_a_category_and_one_for_missing():
    assert transform("one_hot")[:, 2:].tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize(("style", "expected"), [("codes", [-1]), ("native", [np.nan]), ("one_hot", [0, 0, 0])])
def test_a_new_category_is_like_none(style, expected):
    found = transform(style, on=X.assign(colour="violet"))[0, 2:]
    np.testing.assert_equal(found, np.array(expected, dtype=float))


@pytest.mark.parametrize("variant", ["scaled", "power"])
def test_scaled_numbers_have_mean_nought_and_deviation_one(variant):
    column = transform("one_hot", variant)[:, 0]
    assert column.mean() == pytest.approx(0, abs=1e-6)
    assert column.std() == pytest.approx(1, abs=1e-6)


def test_text_alone_is_enough():
    only = problem(numeric=(), category=(), text=("words",))
    texts = pd.DataFrame({"words": ["good film", "bad film"]})
    assert build_preprocessing(only, "codes", "plain").fit_transform(texts).shape == (2, 3)
