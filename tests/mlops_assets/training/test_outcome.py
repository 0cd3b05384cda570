import pytest

from mlops_assets.training.budget import Budget
from mlops_assets.training.outcome import overrun

NOW = 0.0


@pytest.mark.parametrize(
    ("seconds", "done", "left", "stops"),
    [
        (0.0, 0, 5.0, False),
        (2.0, 1, 5.0, False),  # 2 s a fold, 2 folds to go: 4 s are needed
        (3.0, 1, 5.0, True),  # 6 s are needed
        (9.0, 3, -4.0, False),  # all folds are done: what was spent is not thrown away
    ],
)
def test_a_candidate_is_stopped_when_its_other_folds_do_not_fit(
    seconds: float, done: int, left: float, stops: bool
) -> None:
    budget = Budget(left, lambda: NOW)
    assert bool(overrun(seconds, done, 3, budget)) is stops
