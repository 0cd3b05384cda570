import numpy as np
import pytest

from mlops_assets.bundle.feed import NUMBERS
from mlops_assets.bundle.session import BLOCK_ROWS, Graph


class Session:
    """Answers each row with its number, and remembers how many rows it was asked at once."""

    def __init__(self, *inputs):
        self.inputs, self.asked = inputs, []

    def get_inputs(self):
        return [type("Input", (), {"name": name}) for name in self.inputs]

    def get_outputs(self):
        return [type("Output", (), {"name": "variable"})]

    def run(self, outputs, feed):
        self.asked.append(len(next(iter(feed.values()))))
        return [feed[NUMBERS] * 2]


def feed(rows):
    numbers = np.arange(rows, dtype=np.float32).reshape(-1, 1)
    return {NUMBERS: numbers, "words": numbers.astype(str).astype(object)}


@pytest.mark.parametrize("rows", [0, 1, BLOCK_ROWS, BLOCK_ROWS + 1, 2 * BLOCK_ROWS + 3])
def test_texts_are_asked_in_blocks_and_answered_in_order(rows):
    session = Session(NUMBERS, "words")
    found = Graph(session, None).run(feed(rows))
    assert found.values.tolist() == (2.0 * np.arange(rows)).tolist()
    assert max(session.asked) <= BLOCK_ROWS
    assert sum(session.asked) == rows


def test_numbers_alone_are_asked_at_once():
    session = Session(NUMBERS)
    Graph(session, None).run(feed(5 * BLOCK_ROWS))
    assert session.asked == [5 * BLOCK_ROWS]
