"""What the converter cannot do with texts, or gets wrong, put right before and after it."""

from typing import Any

WORD = r"[^\s\x0b\x1c-\x1f\x{85}\p{Z}]+"  # between what Python's str.split takes for blanks
CHARACTER = "."
START, END = "\x02", "\x03"  # with which the runtime's tokenizer marks the ends of what it splits
NO_WORD = "\ufffe"  # fills up rows of few words; no text holds it, it is no character


def spell_out_terms(vectorizer: Any) -> None:
    """Give each term of a fitted vectorizer as the tuple of its tokens, in place, as the converter takes it literally.

    Words: the converter guesses from 'speaks volumes' that it is two words only where each of them is a term as well; a
    vocabulary that was cut off does not promise that. Nor does it promise a pair of words at all, without which the
    runtime refuses a graph that looks for pairs.

    Pieces of words: the converter knows no `char_wb`. They are pairs, triples and so on of characters as words are of
    words; a blank before or behind a word becomes the mark of its start or end. `mend_texts` does the splitting.
    """
    if vectorizer.analyzer == "char_wb":
        vectorizer.vocabulary_ = {_marked(term): at for term, at in vectorizer.vocabulary_.items()}
        vectorizer.analyzer, vectorizer.token_pattern = "word", CHARACTER
    elif vectorizer.analyzer == "word":
        vectorizer.vocabulary_ = {tuple(term.split(" ")): at for term, at in vectorizer.vocabulary_.items()}
    else:
        return
    shortest, _ = vectorizer.ngram_range
    vectorizer.ngram_range = (shortest, max(len(term) for term in vectorizer.vocabulary_))


def mend_texts(graph: Any) -> None:
    """Split pieces of words word by word, and count as scikit-learn does."""
    _split_words_first(graph)
    _mend_sublinear(graph)


def _marked(piece: str) -> tuple[str, ...]:
    return tuple((START if at == 0 else END) if character == " " else character for at, character in enumerate(piece))


def _split_words_first(graph: Any) -> None:
    """Before texts are split into characters, split them into words, so that no piece reaches over a blank."""
    from onnx import helper

    for node in [each for each in graph.node if each.op_type == "Tokenizer"]:
        settings = {each.name: each for each in node.attribute}
        if settings["tokenexp"].s.decode() != CHARACTER:
            continue
        settings["mark"].i = 1
        texts, words = node.input[0], f"{node.output[0]}_words"
        splitter = helper.make_node(
            "Tokenizer", [texts], [words], domain=node.domain, mark=0, mincharnum=1, pad_value=NO_WORD, tokenexp=WORD
        )
        node.input[0] = words
        graph.node.insert(list(graph.node).index(node), splitter)


def _mend_sublinear(graph: Any) -> None:
    """Replace log(1 + count), which the converter writes for `sublinear_tf`, by scikit-learn's 1 + log(count).

    A count of nought stays nought in both: log(max(count, 1)) + min(count, 1).
    """
    from onnx import helper

    by_output = {node.output[0]: node for node in graph.node}
    ones = {each.name for each in graph.initializer if each.name.startswith("ones")}
    for log in [node for node in graph.node if node.op_type == "Log"]:
        add = by_output.get(log.input[0])
        if add is None or add.op_type != "Add" or not ones & set(add.input):
            continue
        result, seen, logged = log.output[0], f"{log.output[0]}_seen", f"{log.output[0]}_log"
        add.op_type, log.output[0] = "Max", logged
        at = list(graph.node).index(log) + 1
        graph.node.insert(at, helper.make_node("Min", list(add.input), [seen]))
        graph.node.insert(at + 1, helper.make_node("Add", [logged, seen], [result]))
