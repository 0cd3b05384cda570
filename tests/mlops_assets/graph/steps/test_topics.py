import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import VotingRegressor
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from mlops_assets.graph.steps.topics import HELD_OUT_MIN, topics_of


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    notes, places = ([" ".join(rng.choice(list("abcdefgh"), 9)) for _ in range(60)] for _ in range(2))
    return pd.DataFrame({"size": rng.normal(size=60), "note": notes, "place": places})


def fitted(rows, *steps):
    return make_pipeline(make_column_transformer(*steps), Ridge()).fit(rows, rows["size"])


def words(**settings):
    return TfidfVectorizer(token_pattern=r"\w+", **settings)


def test_each_column_that_is_read_by_its_words_has_topics(rows):
    found = topics_of(
        fitted(rows, (words(), "note"), (words(), "place"), ("passthrough", ["size"])), rows, HELD_OUT_MIN
    )
    assert sorted(one.source for one in found) == ["note", "place"]


def test_pieces_of_words_and_hashed_words_have_none(rows):
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3))
    assert topics_of(fitted(rows, (pieces, "note"), (HashingVectorizer(), "place")), rows, HELD_OUT_MIN) == ()


def test_numbers_have_none(rows):
    assert topics_of(fitted(rows, ("passthrough", ["size"])), rows, HELD_OUT_MIN) == ()


def test_of_several_members_of_a_blend_the_first_tells(rows):
    one, two = (
        make_pipeline(make_column_transformer((words(ngram_range=n), "note")), Ridge()) for n in ((1, 2), (1, 1))
    )
    blend = make_pipeline(VotingRegressor([("one", one), ("two", two)])).fit(rows, rows["size"])
    (topics,) = topics_of(blend, rows, HELD_OUT_MIN)
    assert topics.ngrams == (1, 2)


def test_too_few_rows_to_compare_with_have_none(rows):
    pipeline = fitted(rows, (words(), "note"))
    assert topics_of(pipeline, rows, HELD_OUT_MIN)
    assert topics_of(pipeline, rows, HELD_OUT_MIN - 1) == ()
