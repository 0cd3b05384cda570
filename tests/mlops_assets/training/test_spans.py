import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from mlops_assets.bundle.abstention import calibrate
from mlops_assets.bundle.feed import feed_of
from mlops_assets.bundle.spans import conformity, count_words
from mlops_assets.training.spans import COMPONENTS, learn_spans, shares_out_of_fold

KINDS = {
    "bill": ["amount", "due", "invoice", "tax", "total", "net", "pay", "bank"],
    "letter": ["dear", "sincerely", "regards", "thank", "visit", "garden", "week"],
    "form": ["name", "address", "birth", "signature", "block", "letters", "field"],
    "recipe": ["butter", "flour", "oven", "sugar", "stir", "minutes", "bake"],
}
COMMON = ["the", "and", "of", "to", "in", "a", "for", "with", "on", "at", "is", "by"]


def papers(kinds, n, random):
    """Texts of a few words of their kind among common ones, and a number that differs little between kinds."""
    y = random.choice(list(kinds), n)
    texts = [" ".join(random.permutation([*random.choice(KINDS[kind], 3), *random.choice(COMMON, 6)])) for kind in y]
    return pd.DataFrame({"text": texts, "lines": random.normal(size=n) + (y == "bill")}), y


@pytest.fixture(scope="module")
def learnt():
    X, y = papers(("bill", "letter"), 200, np.random.default_rng(1))
    classes = np.array(["bill", "letter"])
    return learn_spans(X, y, classes, ["text"]), X, y, classes


def test_rows_of_a_class_are_spanned_by_it_and_rows_of_a_new_one_by_none(learnt):
    spans, _, _, _ = learnt
    random = np.random.default_rng(2)
    known, y = papers(("bill", "letter"), 100, random)
    new, _ = papers(("recipe",), 100, random)
    shares = spans.measure(feed_of(known))
    own, other = (shares[np.arange(100), column] for column in ((y == "letter").astype(int), (y == "bill").astype(int)))
    assert own.mean() > 1.5 * other.mean()
    assert own.mean() > 1.5 * spans.measure(feed_of(new)).max(axis=1).mean()


def test_a_word_of_one_text_is_not_kept():
    X = pd.DataFrame({"text": ["total due", "total Smithers", "dear sir", "dear madam"]})
    spans = learn_spans(X, np.array(["a", "a", "b", "b"]), np.array(["a", "b"]), ["text"])
    kept = {int(count_words(word)[0][0]) for word in ("total", "dear")}
    assert set(spans.texts[0].terms.tolist()) == kept


def test_a_class_without_a_row_spans_nothing_and_one_with_a_single_row_that_row():
    X = pd.DataFrame({"text": ["total due", "total due", "dear sir dear"]})
    spans = learn_spans(X, np.array(["a", "a", "b"]), np.array(["a", "b", "c"]), ["text"])
    assert spans.measure(feed_of(X.head(1)))[0] == pytest.approx([1.0, 0.0, 0.0], abs=1e-3)
    assert spans.texts[0].components.shape == (2, 3 * COMPONENTS)


@pytest.mark.parametrize("texts", [["", ""], ["one", "two"]])
def test_texts_without_a_common_word_span_nothing(texts):
    X = pd.DataFrame({"text": texts})
    spans = learn_spans(X, np.array(["a", "b"]), np.array(["a", "b"]), ["text"])
    assert spans.measure(feed_of(X)).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_missing_numbers_and_one_that_is_always_the_same_do_no_harm():
    X = pd.DataFrame({"text": ["total due", "total due", "dear sir"], "x": np.nan, "y": 1.0})
    spans = learn_spans(X, np.array(["a", "a", "b"]), np.array(["a", "b"]), ["text"])
    assert np.isfinite(spans.measure(feed_of(X))).all()


def test_without_a_text_there_are_none(learnt):
    _, X, y, classes = learnt
    assert learn_spans(X[["lines"]], y, classes, []) is None


def test_each_row_is_measured_by_rows_of_other_folds(learnt):
    _, X, y, classes = learnt
    folds = [(np.arange(100, 200), np.arange(100)), (np.arange(100), np.arange(100, 200))]
    found = shares_out_of_fold(X, y, classes, ["text"], folds)
    first = learn_spans(X.iloc[100:], y[100:], classes, ["text"]).measure(feed_of(X.iloc[:100]))
    assert found[:100] == pytest.approx(first)
    assert np.isnan(shares_out_of_fold(X, y, classes, ["text"], folds[:1])[100:]).all()


def orders(n, random):
    """Of a new class, with three words of bills among more of its own: models take them for bills."""
    own = [f"{word}s" for word in KINDS["recipe"]]
    texts = [" ".join([*random.choice(KINDS["bill"], 3, replace=False), *random.choice(own, 9)]) for _ in range(n)]
    return pd.DataFrame({"text": texts, "lines": random.normal(size=n)})


def test_the_promise_is_kept_and_more_pages_of_a_new_class_are_abstained_from():
    # 60 calibrations of 60 rows, 60 tries each. The share covered of one of them has a standard deviation of about
    # sqrt(2 * .1 * .9 / 60) = 5.5 points, the mean of 60 one of 0.7; two of those are allowed
    random, known = np.random.default_rng(3), ("bill", "letter", "form")
    X, y = papers(known, 60, random)
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(X["text"], y)
    spans = learn_spans(X, y, model.classes_, ["text"])
    covered, missed = [], {"probability": [], "conformity": []}
    for _ in range(60):
        rows, truth = papers(known, 120, random)
        new = orders(60, random)
        for name in missed:
            seen, strange = (model.predict_proba(each["text"]) for each in (rows, new))
            p, q = seen, strange
            if name == "conformity":
                p, q = (conformity(s, spans.measure(feed_of(each))) for s, each in ((seen, rows), (strange, new)))
            limit = calibrate(p[:60], model.classes_, truth[:60], error=0.1)
            missed[name].append(1 - limit.abstains(strange, q).mean())
            if name == "conformity":
                covered.append(limit.covers(p[60:], model.classes_, truth[60:]).mean())
    assert np.mean(covered) == pytest.approx(0.9 + 0.5 / 61, abs=0.015 + 0.5 / 61)
    assert np.mean(missed["conformity"]) < 0.7 * np.mean(missed["probability"])
