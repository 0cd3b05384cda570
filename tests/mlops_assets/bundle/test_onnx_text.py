import copy

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from mlops_assets.bundle import onnx_text

pytestmark = pytest.mark.slow

REPEATS = ["good good good film", "bad film", "good bad plot"]


def graph_of(vectorizer):
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import StringTensorType

    options = {id(vectorizer): {"locale": "C"}}
    return convert_sklearn(
        vectorizer, initial_types=[("text", StringTensorType([None, 1]))], options=options, target_opset=18
    )


def run(graph, texts):
    import onnxruntime

    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"text": np.array(texts, dtype=object).reshape(-1, 1)})[0]


@pytest.fixture()
def words():
    return TfidfVectorizer(token_pattern="[a-zA-Z0-9_]+", sublinear_tf=True, norm=None, use_idf=False)


def test_a_word_said_three_times_counts_one_and_its_logarithm(words):
    graph = graph_of(words.fit(REPEATS))
    # bad, film, good, plot; the converter itself writes log(1 + 3) = 1.386
    assert run(graph, REPEATS[:1])[0].tolist() == pytest.approx([0, np.log(2), np.log(4), 0], abs=1e-6)
    onnx_text.mend_texts(graph.graph)
    assert run(graph, REPEATS[:1])[0].tolist() == pytest.approx([0, 1, 1 + np.log(3), 0], abs=1e-6)


def test_a_graph_without_logarithms_stays_as_it_is(words):
    graph = graph_of(words.set_params(sublinear_tf=False).fit(REPEATS))
    before = graph.SerializeToString()
    onnx_text.mend_texts(graph.graph)
    assert graph.SerializeToString() == before


@pytest.mark.parametrize(("spelled_out", "found"), [(False, 0.0), (True, 1.0)])
def test_a_pair_of_words_is_found_where_its_words_are_no_terms(words, spelled_out, found):
    cut_off = ["film", "good", "good film", "good plot"]  # without 'plot'
    words.set_params(vocabulary=cut_off, ngram_range=(1, 2), sublinear_tf=False).fit(REPEATS)
    if spelled_out:
        onnx_text.spell_out_terms(words)
    assert run(graph_of(words), ["a good plot"])[0].tolist() == [0.0, 1.0, 0.0, found]


def test_a_vocabulary_without_pairs_is_looked_up_without_pairs(words):
    words.set_params(vocabulary=["film", "good"], ngram_range=(1, 2), sublinear_tf=False).fit(REPEATS)
    onnx_text.spell_out_terms(words)
    assert run(graph_of(words), ["a good film"])[0].tolist() == [1.0, 1.0]


HARD = ["", "  ", "a", "I", "it's  so-so", "tab\there", "over\u00a0the\u2003blank", "# marks #", "good, GOOD film"]


def test_pieces_of_words_are_found_word_by_word():
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True).fit([*REPEATS, *HARD])
    copied = copy.deepcopy(pieces)
    onnx_text.spell_out_terms(copied)
    graph = graph_of(copied)
    onnx_text.mend_texts(graph.graph)
    texts = [*HARD, "a word never met", "film" * 50]
    np.testing.assert_allclose(run(graph, texts), pieces.transform(texts).toarray(), atol=1e-6)
    for text in HARD:  # alone as well: nothing fills it up
        np.testing.assert_allclose(run(graph, [text]), pieces.transform([text]).toarray(), atol=1e-6)


def test_pieces_that_reach_over_blanks_are_left_to_the_converter():
    pieces = TfidfVectorizer(analyzer="char", ngram_range=(2, 3)).fit(REPEATS)
    before = dict(pieces.vocabulary_)
    onnx_text.spell_out_terms(pieces)
    assert (pieces.vocabulary_, pieces.analyzer) == (before, "char")
