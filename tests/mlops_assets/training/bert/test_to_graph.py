"""A graph says what its network says, or is refused."""

import numpy as np
import pytest

from mlops_assets.training.bert.fine_tune import Sample
from mlops_assets.training.bert.network import build_network, load_pretrained
from mlops_assets.training.bert.to_graph import GraphError, check_graph, to_graph

pytestmark = pytest.mark.slow
ANSWER = {"shift": 2.0, "scale": 3.0, "classify": False}
SAMPLE = Sample([[101, 2204, 102], [101, 2919, 2143, 2143, 102]], np.float32([[0.5], [-1.0]]), np.float32([1, -1]))


@pytest.fixture(scope="module")
def network(minilm):
    return build_network(load_pretrained(str(minilm))[0], 1, 1, random_state=1).eval()


def test_the_graph_is_checked_against_its_network(network):
    graph = to_graph(network, 1, **ANSWER)
    assert check_graph(graph, network, SAMPLE, **ANSWER) < 1e-5
    with pytest.raises(GraphError, match=r"differ by 1 on 2 held-out rows, allowed is 0\.0001"):
        check_graph(graph, network, SAMPLE, **{**ANSWER, "shift": 5.0})  # 3 off in the target's unit is 1 deviation
    with pytest.raises(GraphError, match="differ by nan"):
        check_graph(graph, network, SAMPLE, **{**ANSWER, "shift": float("nan")})
