import numpy as np
import pandas as pd
import pytest

from mlops_assets.training.assess import ROWS_MIN, assess

OLD, NEW = "000001-old", "000002-new"


def judged(build, right_old: float, right_new: float, theirs: float | None, n: int = 100):
    """A holdout of n old and n new rows; shares of them that each side gets right."""
    holdout = pd.DataFrame({"_batch": [OLD] * n + [NEW] * n})

    def losses(old: float, new: float):
        wrong = np.ones(2 * n)
        wrong[: round(old * n)] = wrong[n : n + round(new * n)] = 0.0
        return wrong

    champion = None if theirs is None else losses(theirs, theirs)
    return assess(holdout, losses(right_old, right_new), champion, frozenset({OLD}), build())


def test_without_a_champion_the_first_model_passes(build):
    found = judged(build, 0.5, 0.5, None)
    assert found.gate.passed
    assert (found.overall, found.old, found.new) == (None, None, None)
    assert found.losses.mean() == 0.5


def test_differences_are_told_apart_by_what_the_champion_was_trained_on(build):
    found = judged(build, 0.8, 0.9, theirs=0.7)
    # losses: champion 0.3 everywhere; new model 0.2 on old and 0.1 on new rows; positive = the new model is better
    assert found.old.estimate == pytest.approx(0.1)
    assert found.new.estimate == pytest.approx(0.2)
    assert found.overall.estimate == pytest.approx(0.15)


def test_a_model_that_is_surely_worse_on_new_rows_is_refused(build):
    found = judged(build, 0.9, 0.2, theirs=0.9)
    assert not found.gate.passed
    assert "worse on new batches" in found.gate.reason


def test_a_model_that_is_worse_on_old_rows_is_refused_unless_it_may_be(build):
    assert not judged(build, 0.2, 1.0, theirs=0.9).gate.passed
    assert judged(lambda: build(worse_by_max=0.9), 0.2, 1.0, theirs=0.9).gate.passed


def test_too_few_rows_of_a_kind_are_left_out(build):
    found = judged(build, 0.0, 0.0, theirs=1.0, n=ROWS_MIN - 1)
    assert (found.old, found.new) == (None, None)
    assert found.overall is not None


def test_the_plain_form_leaves_the_losses_out(build):
    found = judged(build, 0.9, 0.9, theirs=0.7).to_dict()
    assert set(found) == {"overall", "old", "new", "passed", "reason"}
    assert found["passed"] is True
    assert judged(build, 0.9, 0.9, None).to_dict()["old"] is None
