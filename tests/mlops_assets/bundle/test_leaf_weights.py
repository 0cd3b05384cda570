import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from mlops_assets.bundle.leaf_weights import drop_zero_weights


def forest_graph(n_classes: int):
    """A forest's graph as the converter writes it, and rows to ask it with."""
    from skl2onnx import to_onnx

    generator = np.random.default_rng(5)
    X = generator.normal(size=(300, 4)).astype(np.float32)
    y = generator.integers(0, n_classes, size=300)
    forest = RandomForestClassifier(n_estimators=10, random_state=0, n_jobs=1).fit(X, y)
    return to_onnx(forest, X[:1], options={"zipmap": False}, target_opset={"": 18, "ai.onnx.ml": 3}), X


def answers(model, X: np.ndarray) -> np.ndarray:
    import onnxruntime

    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["probabilities"], {"X": X})[0]


def weights(model) -> list[float]:
    (trees,) = (node for node in model.graph.node if node.op_type == "TreeEnsembleClassifier")
    (found,) = (list(each.floats) for each in trees.attribute if each.name == "class_weights")
    return found


@pytest.mark.parametrize("n_classes", [2, 3, 7])
def test_answers_are_the_same_to_the_last_bit(n_classes):
    model, X = forest_graph(n_classes)
    before = answers(model, X)
    drop_zero_weights(model.graph)
    assert np.array_equal(answers(model, X), before)


def test_zeros_are_gone_and_all_else_stays():
    model, _ = forest_graph(7)
    before = weights(model)
    drop_zero_weights(model.graph)
    assert weights(model) == [weight for weight in before if weight != 0.0]
    assert len(weights(model)) < len(before)


def trees_of(*entries: tuple[int, int, float]):
    """A classifier's node with weights of (leaf, class, weight), all of tree 0."""
    from onnx import helper

    node = helper.make_node(
        "TreeEnsembleClassifier",
        ["X"],
        ["label", "probabilities"],
        class_treeids=[0] * len(entries),
        class_nodeids=[leaf for leaf, _, _ in entries],
        class_ids=[of for _, of, _ in entries],
        class_weights=[weight for _, _, weight in entries],
    )
    return helper.make_model(helper.make_graph([node], "g", [], []))


def test_a_leaf_of_zeros_only_leaves_the_graph_as_it_is():
    model = trees_of((1, 0, 0.0), (2, 0, 0.5), (2, 1, 0.5))
    drop_zero_weights(model.graph)
    assert weights(model) == [0.0, 0.5, 0.5]


def test_a_class_that_no_leaf_names_otherwise_leaves_the_graph_as_it_is():
    model = trees_of((1, 0, 1.0), (1, 1, 0.0), (2, 0, 1.0))
    drop_zero_weights(model.graph)
    assert weights(model) == [1.0, 0.0, 1.0]
