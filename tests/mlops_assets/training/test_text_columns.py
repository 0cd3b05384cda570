import pandas as pd
import pytest

from mlops_assets.training.candidate import Problem
from mlops_assets.training.preprocessing import build_preprocessing

TEXTS = pd.DataFrame({"said": ["good film", "good plot", "good film of films"], "about": ["a b", "c c", "c c"]})


def names(style, columns=("said",)):
    problem = Problem("regression", "mae", 3, (), (), columns, ascii_text=True, random_state=0)
    fitted = build_preprocessing(problem, style, "plain").fit(TEXTS[list(columns)])
    return {name: list(step.get_feature_names_out()) for name, step, _ in fitted.transformers_}


def test_words_are_those_of_two_texts_and_their_pairs():
    assert names("words") == {"text said": ["film", "good", "good film"]}


def test_pieces_stand_beside_the_words_and_know_a_stem():
    found = names("pieces")
    assert found["text said"] == ["film", "good", "good film"]
    assert "film" in found["pieces of said"]  # in 'film' twice and within 'films'
    assert "plot" not in found["pieces of said"]


def test_each_text_column_is_read_by_itself():
    assert list(names("pieces", ("said", "about"))) == [
        "text said",
        "pieces of said",
        "text about",
        "pieces of about",
    ]


@pytest.mark.parametrize("style", ["codes", "native"])
def test_trees_of_other_families_read_single_words(style):
    assert names(style) == {"text said": ["film", "films", "good", "of", "plot"]}
