import json

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from mlops_assets.drift.reference import Reference, build_reference
from mlops_assets.drift.score import score_drift
from mlops_assets.drift.topics import learn_topics, with_topics
from mlops_assets.spec import DriftPolicy

WORDS, THEMES, LENGTH = 300, 4, 20


def texts(n, seed, first=0.25):
    """Texts of 20 words of one theme each, `first` of them of the first; all themes share half of their words."""
    rng = np.random.default_rng(seed)
    shares = [first, *[(1 - first) / (THEMES - 1)] * (THEMES - 1)]
    own = np.minimum(rng.zipf(1.5, (n, LENGTH // 2)), WORDS)
    common = np.minimum(rng.zipf(1.5, (n, LENGTH // 2)), WORDS)
    themes = np.array(list("abcd"))[rng.choice(THEMES, n, p=shares)]
    return pd.DataFrame(
        {
            "note": [
                " ".join([*(f"{t}{w}" for w in row), *map(str, c)])
                for t, row, c in zip(themes, own, common, strict=True)
            ]
        }
    )


def fitted(frame, **settings):
    return TfidfVectorizer(token_pattern="[a-zA-Z0-9_]+", sublinear_tf=True, **settings).fit(frame["note"])


def referenced(use_case, seed, held_out=None, draws=1000, **settings):
    trained = texts(2000, seed)
    topics = learn_topics("note", fitted(trained, ngram_range=(1, 2), min_df=2, **settings), trained["note"])
    rows = texts(1000, seed + 1000) if held_out is None else held_out(trained)
    return build_reference(trained, use_case, draws=draws, topics=[topics], held_out=rows)


@pytest.fixture(scope="module")
def reference(use_case):
    return referenced(use_case, 0)


def test_components_by_hand():
    vectorizer = TfidfVectorizer().fit(["red red", "wine wine"])  # each word in one of two texts: the same idf
    topics = learn_topics("note", vectorizer, ["red red red", "red", "wine"])  # as rows: (1, 0), (1, 0), (0, 1)
    assert topics.names == ("note (topic 1)",)  # one component less than words; of two, too few texts have either
    assert topics.measure(["red", "wine", "", "zebra", None, "Red WINE"])[:, 0] == pytest.approx(
        [1, 0, 0, 0, np.nan, 0.5**0.5], nan_ok=True, abs=1e-6
    )


@pytest.mark.parametrize("settings", [{}, {"ngram_range": (1, 2)}, {"ngram_range": (2, 3), "min_df": 2}])
@pytest.mark.parametrize("sublinear_tf", [True, False])
def test_texts_are_read_as_the_vectorizer_reads_them(settings, sublinear_tf):
    trained, batch = texts(300, 1), texts(50, 2)["note"].str.upper()
    vectorizer = TfidfVectorizer(sublinear_tf=sublinear_tf, **settings).fit(trained["note"])
    topics = learn_topics("note", vectorizer, trained["note"])
    weights = topics._weighted([_hashed(topics, text) for text in batch])
    assert np.sort(weights.sum(axis=1)) == pytest.approx(np.sort(vectorizer.transform(batch).sum(axis=1).A1), rel=1e-5)
    assert (weights.getnnz(axis=1) == vectorizer.transform(batch).getnnz(axis=1)).all()


def _hashed(topics, text):
    from mlops_assets.drift.topics import _hashes

    return _hashes(topics._terms(text))


def test_a_text_is_measured_alike_alone_and_among_many(reference):
    (topics,) = reference.topics
    batch = texts(100, 3)["note"]
    assert topics.measure(batch[70:71]) == pytest.approx(topics.measure(batch)[70:71])


def test_a_vectorizer_that_reads_otherwise_is_refused():
    vectorizer = TfidfVectorizer(analyzer="char_wb").fit(["a b", "b c"])
    with pytest.raises(ValueError, match="note: topics need a TF-IDF of words in lower case"):
        learn_topics("note", vectorizer, ["a b", "b c"])


def test_one_word_has_no_topics():
    assert learn_topics("note", TfidfVectorizer().fit(["red"]), ["red", "red"]) is None


def test_columns_that_are_there_are_not_measured_again(reference):
    frame = with_topics(texts(5, 1), reference.topics)
    assert set(reference.topics[0].names) < set(frame.columns)
    assert with_topics(frame.assign(note=None), reference.topics).equals(frame.assign(note=None))


def test_texts_of_the_same_themes_do_not_drift(use_case, reference):
    for seed in range(8):
        report = score_drift(reference, texts(400, 200 + seed), DriftPolicy())
        assert (report.status, report.drifted) == ("no_drift", ()), seed


def test_another_mixture_of_themes_drifts_though_lengths_and_words_stay(use_case, reference):
    batch = texts(400, 5, first=0.5)
    report = score_drift(reference, batch, DriftPolicy())
    assert report.status == "drift"
    assert report.drifted[0].startswith("note (topic ")
    known = {f"note ({what})" for what in ("characters", "words", "unknown words")}
    assert not known & set(report.drifted)
    without = build_reference(texts(2000, 0), use_case, draws=1000)
    assert score_drift(without, batch, DriftPolicy()).status == "no_drift"


def test_topics_on_their_own_training_texts_would_alarm_without_drift(use_case):
    """Why held-out texts are what a batch is compared with: a fit lies nearer to the texts that it was made of."""
    fair, unfair = referenced(use_case, 0), referenced(use_case, 0, held_out=lambda trained: trained)
    policy, batches = DriftPolicy(alpha=0.5), [texts(400, 300 + seed) for seed in range(10)]  # 1.5 % a batch
    alarms = [[score_drift(one, batch, policy).status for batch in batches] for one in (fair, unfair)]
    assert alarms[0].count("drift") <= 1
    assert alarms[1].count("drift") >= 5


def test_topics_without_held_out_rows_are_refused(use_case):
    trained = texts(100, 0)
    topics = learn_topics("note", fitted(trained), trained["note"])
    for held_out in (None, texts(9, 1)):
        with pytest.raises(ValueError, match="topics need the held-out rows, as many as there are predictions"):
            build_reference(trained, use_case, np.zeros(10), draws=50, topics=[topics], held_out=held_out)


def test_no_word_of_few_texts_is_kept(use_case):
    """Row 22 of the faults: a token of a training text is in no file; names of topics are words of many texts."""
    trained = texts(2000, 0)
    trained.loc[:18, "note"] = "SECRETTOKEN SECRETTOKEN"  # a topic of its own
    topics = learn_topics("note", fitted(trained, ngram_range=(1, 2)), trained["note"])
    assert "secrettoken" in fitted(trained).vocabulary_
    reference = build_reference(trained, use_case, draws=50, topics=[topics], held_out=texts(100, 1))
    assert b"secrettoken" not in _unpacked(reference).lower()
    trained.loc[:99, "note"] = "SECRETTOKEN SECRETTOKEN"  # the proof that the scan finds what it looks for
    topics = learn_topics("note", fitted(trained), trained["note"])
    reference = build_reference(trained, use_case, draws=50, topics=[topics], held_out=texts(100, 1))
    assert b"secrettoken" in _unpacked(reference).lower()


def _unpacked(reference):
    import io

    with np.load(io.BytesIO(reference.to_bytes())) as stored:
        return b"".join(stored[name].tobytes() for name in stored.files) + json.dumps(list(reference.columns)).encode()


def test_topics_come_back_from_bytes(reference):
    again = Reference.from_bytes(reference.to_bytes())
    assert again.to_bytes() == reference.to_bytes()
    batch = texts(300, 7)
    assert score_drift(again, batch, DriftPolicy()) == score_drift(reference, batch, DriftPolicy())


def test_a_batch_without_the_texts_leaves_topics_undetermined(reference):
    report = score_drift(reference, texts(300, 7).drop(columns="note").assign(size=1.0), DriftPolicy())
    assert report.status == "no_drift"
    assert all(column.undetermined for column in report.columns if "topic" in column.name)
