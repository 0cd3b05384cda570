from mlops_assets.bundle.errors import InputError
from mlops_assets.graph.steps.speed import row_seconds


class Slow:
    """Answers after so much work; refuses rows without x."""

    def __init__(self, work):
        self.work = work

    def answer_rows(self, rows):
        if "x" not in rows[0]:
            raise InputError("x", None, "a number is due")
        return sum(range(self.work))


def test_the_model_that_does_more_takes_longer():
    quick, slow = row_seconds([Slow(10), Slow(100_000)], [{"x": 1}] * 5)
    assert slow > 10 * quick > 0


def test_rows_that_a_model_refuses_are_left_out():
    assert row_seconds([Slow(10), Slow(10)], [{}, {}]) == [0.0, 0.0]
