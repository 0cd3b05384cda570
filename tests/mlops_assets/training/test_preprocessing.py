import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from mlops_assets.training.candidate import Problem
from mlops_assets.training.families import FAMILIES
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


@pytest.mark.parametrize(
    ("style", "variant", "expected"),
    # 1, 3, 5: mean 3, deviation sqrt(8 / 3), so that 5 becomes 2 / sqrt(8 / 3) = sqrt(1.5); two numbers weigh sqrt(1/2)
    [
        ("words", "scaled", 0.75**0.5),
        ("pieces", "scaled", 0.75**0.5),
        ("words", "plain", 5.0),
        ("one_hot", "scaled", 1.5**0.5),
    ],
)
def test_scaled_numbers_are_together_as_long_as_the_text_beside_them(style, variant, expected):
    table = pd.DataFrame({"size": [1.0, 3.0, 5.0], "empty": [np.nan] * 3, "words": ["good film"] * 2 + ["bad plot"]})
    prepare = build_preprocessing(problem(category=(), text=("words",)), style, variant).fit(table)
    assert sparse.csr_array(prepare.transform(table))[2, 0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("metric", "weight"), [("f1_macro", "balanced"), ("balanced_accuracy", "balanced"), ("accuracy", None)]
)
def test_classes_weigh_alike_where_the_metric_counts_them_alike(metric, weight):
    few = Problem("classification", metric, 100, ("size",), (), ("words",), True, 0)
    found = {
        name: FAMILIES[name].models(few)[""].class_weight
        for name in ("linear", "tfidf_linear", "forest", "tfidf_forest")
    }
    assert set(found.values()) == {weight}
    assert FAMILIES["tfidf_svm"].models(few)[""].estimator.class_weight == weight
