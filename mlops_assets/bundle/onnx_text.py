"""What the converter gets wrong about texts, put right before and after it."""

from typing import Any


def spell_out_ngrams(vectorizer: Any) -> None:
    """Give each term of a fitted word vectorizer as the tuple of its words, in place.

    The converter guesses from 'speaks volumes' that it is two words only where each of them is a term as well; a
    vocabulary that was cut off does not promise that. Nor does it promise a pair of words at all, without which the
    runtime refuses a graph that looks for pairs.
    """
    if vectorizer.analyzer != "word":
        return
    vectorizer.vocabulary_ = {tuple(term.split(" ")): at for term, at in vectorizer.vocabulary_.items()}
    shortest, _ = vectorizer.ngram_range
    vectorizer.ngram_range = (shortest, max(len(term) for term in vectorizer.vocabulary_))


def mend_sublinear(graph: Any) -> None:
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
