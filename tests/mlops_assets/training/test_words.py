import numpy as np
import pandas as pd
import pytest

from mlops_assets.training import words
from mlops_assets.training.candidates import build_candidates, describe_problem
from mlops_assets.training.explain import ExplainError
from mlops_assets.training.features import feature_frame, target_values
from mlops_assets.training.words import words_moved

TEXT = {"words": {"kind": "text"}, **{name: {"kind": "numeric", "feature": False} for name in ("size", "noise")}}
TEXT |= {"colour": {"kind": "category", "feature": False}}


class Counts:
    """Answers 2 for each 'good', -3 for each 'bad'; as a classifier, 'high' with 0.9 where there is a 'good'."""

    classes_ = np.array(["high", "low"])

    def predict(self, X):
        return np.array([2.0 * text.count("good") - 3.0 * text.count("bad") for text in X["words"]])

    def predict_proba(self, X):
        return np.array([[0.9, 0.1] if "good" in text else [0.2, 0.8] for text in X["words"]])


def texts(*values):
    return pd.DataFrame({"words": values})


def test_a_word_moves_the_answer_by_what_it_says(build):
    X = texts("good film", "a Good, good plot", "bad film", "bad plot")
    found = words_moved(Counts(), X.assign(words=X["words"].str.lower()), build("regression", columns=TEXT))
    moved = dict(zip(found.names, found.mean, strict=True))
    # 'good' once in one text and twice in another: 2 and 4, mean 3; 'film' and 'plot' move nothing
    assert moved == {"good": 3.0, "bad": -3.0, "film": 0.0, "plot": 0.0}
    assert found.names[:2] == ("bad", "good")  # 3 times the root of 2 each, then by the alphabet
    assert (found.unit, found.rows) == ("minutes moved", 4)


def test_neither_the_most_frequent_word_leads_nor_the_rarest(build):
    class Weighs(Counts):
        def predict(self, X):
            weights = {"the": 0.1, "fine": 1.0, "superb": 1.2}
            return np.array([sum(weights.get(word, 0) for word in text.split()) for text in X["words"]])

    X = texts(*["the fine"] * 8, *["the superb"] * 2, *["the"] * 90)
    # 'fine' 1 times the root of 8 is 2.8, 'superb' 1.2 times the root of 2 is 1.7, 'the' 0.1 times 10 is 1
    found = words_moved(Weighs(), X, build("regression", columns=TEXT))
    assert found.names == ("fine", "superb", "the")


def test_a_word_of_one_text_is_not_shown(build):
    found = words_moved(Counts(), texts("good SECRET", "good film"), build("regression", columns=TEXT))
    assert found.names == ("good",)


def test_of_long_texts_the_most_frequent_words_are_asked_about(build, monkeypatch):
    """Three texts of 9 characters have 'good', two have 'film': without them 27 and 18 characters are read."""
    X, use_case = texts("good film", "film good", "good plot"), build("regression", columns=TEXT)
    monkeypatch.setattr(words, "CHARACTERS_MAX", 44)
    assert words_moved(Counts(), X, use_case).names == ("good",)
    monkeypatch.setattr(words, "CHARACTERS_MAX", 45)
    assert words_moved(Counts(), X, use_case).names == ("good", "film")
    monkeypatch.setattr(words, "CHARACTERS_MAX", 26)
    with pytest.raises(ExplainError, match="or they are too long"):
        words_moved(Counts(), X, use_case)


def test_a_class_moves_by_the_probability_of_the_answer(build):
    found = words_moved(Counts(), texts("good film", "good plot", "bad film"), build(columns=TEXT))
    # without 'good' the answer 'high' falls from 0.9 to 0.2
    assert dict(zip(found.names, found.mean, strict=True)) == pytest.approx({"good": 0.7, "film": 0.0})


def test_two_text_columns_are_told_apart(build):
    X = texts("good film", "good plot").assign(more=["good one", "good two"])
    use_case = build("regression", columns=TEXT | {"more": {"kind": "text"}})
    assert set(words_moved(Counts(), X, use_case).names) == {"words: good", "more: good"}


def test_no_word_in_two_texts_is_refused(build):
    with pytest.raises(ExplainError, match="no word occurs in two of 2 texts"):
        words_moved(Counts(), texts("good", ""), build("regression", columns=TEXT))


def test_no_text_is_refused(build):
    with pytest.raises(ExplainError, match="no feature is text"):
        words_moved(Counts(), pd.DataFrame({"size": [1.0]}), build("regression"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tfidf_linear words", "tfidf_svm pieces", "tfidf_forest words"])
def test_each_family_is_moved_by_the_words_that_made_the_truth(build, name):
    random = np.random.default_rng(0)
    tone, thing = random.choice(["good", "bad"], 300), random.choice(["film", "plot", "cast"], 300)
    frame = texts(*[f"a {one} {other}" for one, other in zip(tone, thing, strict=True)])
    frame["minutes"] = np.where(tone == "good", 3.0, -3.0) + random.normal(0, 0.1, 300)
    use_case = build("regression", columns=TEXT, families=[name.split()[0]])
    X, y = feature_frame(frame, use_case), target_values(frame, use_case)
    candidates = build_candidates(describe_problem(X, use_case), use_case)
    found = words_moved(next(each for each in candidates if each.name == name).pipeline.fit(X, y), X, use_case)
    moved = dict(zip(found.names, found.mean, strict=True))
    # a forest needs one of the two words only, and 'bad' taken away is still not 'good'
    assert moved["good"] - moved["bad"] > 2
    assert max(abs(moved[thing]) for thing in ("film", "plot", "cast")) < 1
