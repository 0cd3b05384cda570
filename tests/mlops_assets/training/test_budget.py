from itertools import count

from mlops_assets.training.budget import Budget


def ticking():
    """A stopwatch that shows one second more each time it is read."""
    return lambda seconds=count(): float(next(seconds))


def test_what_is_spent_is_no_longer_left():
    budget = Budget(10, ticking())
    assert (budget.spent, budget.left) == (1.0, 8.0)


def test_a_part_ends_after_its_share_of_what_is_left():
    assert Budget(10, lambda: 0.0).part(0.5).seconds == 5.0


def test_nothing_is_left_of_a_spent_budget():
    spent = Budget(0, ticking())
    assert spent.part(0.5).seconds == 0.0
    assert spent.without(1).seconds == 0.0
