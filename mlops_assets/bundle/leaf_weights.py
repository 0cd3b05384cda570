"""Leaf weights of 0 taken out of a graph's trees: they change no sum, and a run must fetch each of them.

The converter of scikit-learn's forests writes one weight a class into every leaf. In deep trees over 7 classes six in
seven are 0, half the bytes of the graph.
"""

from itertools import compress
from typing import Any

CLASSIFIER = "TreeEnsembleClassifier"  # the regressor of one target needs a weight in every leaf
WEIGHTS = ("class_treeids", "class_nodeids", "class_ids", "class_weights")  # parallel lists, one entry a weight


def drop_zero_weights(graph: Any) -> None:
    """Take the zeros out of every classifier's trees, in place; each leaf keeps a weight, and each class one."""
    for node in graph.node:
        if node.op_type == CLASSIFIER:
            _shorten({each.name: each for each in node.attribute if each.name in WEIGHTS})


def _shorten(lists: dict[str, Any]) -> None:
    trees, leaves, classes = (list(lists[name].ints) for name in WEIGHTS[:3])
    weights = list(lists["class_weights"].floats)
    kept = [weight != 0.0 for weight in weights]
    places = list(zip(trees, leaves, strict=True))
    if set(compress(places, kept)) != set(places) or set(compress(classes, kept)) != set(classes):
        return  # runtimes read a leaf without weights, and a class without any, in ways of their own
    for attribute in lists.values():
        values = attribute.floats or attribute.ints
        shortened = list(compress(values, kept))
        del values[:]
        values.extend(shortened)
