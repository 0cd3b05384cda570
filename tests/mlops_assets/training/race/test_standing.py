import numpy as np
import pytest

from mlops_assets.training.race import standing
from mlops_assets.training.race.standing import Standing, after, contradiction, even

POLICIES = ["keep", "continue", "refit_all"]


def losses(*means: float, rows: int = 40) -> np.ndarray:
    """Rows whose columns have these means; the rows differ from each other by less than a tenth."""
    ripple = np.random.default_rng(0).uniform(-0.05, 0.05, size=(rows, len(means)))
    return np.array(means) + ripple - ripple.mean(axis=0)


def heard(*rounds: np.ndarray) -> Standing:
    found = even(POLICIES)
    for each in rounds:
        found = after(found, each, quick="continue")
    return found


def test_before_the_first_label_the_one_that_learns_most_is_used():
    assert heard().chosen == "refit_all"


def test_losses_are_summed_over_rows():
    # 40 rows at 1, 2, 3 and 10 rows at 2, 2, 2
    found = heard(losses(1.0, 2.0, 3.0), losses(2.0, 2.0, 2.0, rows=10))
    assert found.rows == 50
    assert list(found.total.values()) == pytest.approx([60.0, 100.0, 140.0])


def test_the_leader_over_all_labels_is_used():
    found = heard(losses(1.0, 2.0, 3.0))
    assert (found.chosen, found.reason) == ("keep", "it lost least over all labels")


def test_of_equal_ones_the_one_that_learns_most_is_used():
    assert heard(np.ones((40, 3))).chosen == "refit_all"


def test_the_last_window_overrules_the_leader_where_it_is_sure():
    found = heard(losses(1.0, 2.0, 2.0), losses(1.2, 1.0, 1.5))
    assert found.chosen == "continue"
    assert "it lost less than keep in the last window" in found.reason


def test_what_may_be_chance_does_not_overrule():
    noisy = losses(1.2, 1.0, 1.5)
    noisy[::2, 0] += 3.0  # the difference of 0.2 now has a standard error of about 0.24
    noisy[1::2, 0] -= 3.0
    assert heard(losses(1.0, 2.0, 2.0), noisy).chosen == "keep"


def test_few_rows_do_not_overrule():
    assert heard(losses(1.0, 2.0, 2.0), losses(1.2, 1.0, 1.5, rows=standing.ROWS_MIN - 1)).chosen == "keep"


def test_paired_standard_errors_by_hand():
    # differences 1, 3 in turn, 30 rows: mean 2, deviation sqrt(30 / 29), error sqrt(30 / 29) / sqrt(30) = 0.1857
    pairs = np.column_stack([np.tile([2.0, 4.0], 15), np.ones(30)])
    assert contradiction(pairs, 0, 1) == pytest.approx(2 / 0.18570, rel=1e-4)


def test_after_a_jump_the_quick_one_is_used():
    usual = [losses(1.0, 1.2, 1.1)] * 4
    found = heard(*usual, losses(2.1, 2.5, 2.2))
    assert found.chosen == "continue"
    assert found.reason.startswith("every policy lost 2.1 or more, where 1 is usual: it learns soonest")
    assert (found.rows, found.levels) == (0, ())  # what came before is about another stream
    assert heard(*usual, losses(2.1, 2.5, 2.2), losses(2.0, 1.9, 1.5)).chosen == "refit_all"


def test_one_wrong_answer_after_none_is_no_jump():
    # 1 of 40: mean 0.025, deviation sqrt(0.025 * 0.975 * 40 / 39) = 0.158, less two errors of 0.025: below 0
    once = np.zeros((40, 3))
    once[7] = 1.0
    assert standing.surely(once[:, 0]) == pytest.approx(-0.025, abs=1e-4)
    assert heard(*[np.zeros((40, 3))] * 4, once).reason == "it lost least over all labels"


def test_few_rows_are_no_jump():
    few = losses(9.0, 9.0, 9.0, rows=standing.ROWS_MIN - 1)
    assert heard(*[losses(1.0, 1.2, 1.1)] * 4, few).rows == 4 * 40 + standing.ROWS_MIN - 1


@pytest.mark.parametrize(("rounds", "worst"), [(4, 1.9), (3, 2.1)])
def test_no_jump_is_seen_below_twice_the_usual_or_before_there_is_a_usual(rounds, worst):
    assert heard(*[losses(1.0, 1.2, 1.1)] * rounds, losses(worst, 2.5, 2.2)).chosen == "keep"


def test_what_is_usual_is_forgotten_in_the_end():
    found = heard(*[losses(1.0, 1.2, 1.1)] * 30)
    assert len(found.levels) == 20


def test_regret_is_within_the_stated_bound():
    """Rounds of random losses: against each policy the excess is at most the sum of Z e_t + d_t."""
    random = np.random.default_rng(5)
    for _ in range(20):
        found, means, errors, excess = even(POLICIES), [], [], []
        for _ in range(15):
            level = random.uniform(1.0, 1.5, size=3)
            rows = level + random.normal(scale=0.3, size=(40, 3))
            excess.append(rows.mean(axis=0)[POLICIES.index(found.chosen)] - rows.mean(axis=0))
            means.append(rows.mean(axis=0))
            pairs = rows[:, :, None] - rows[:, None, :]
            errors.append(pairs.std(axis=0, ddof=1).max() / 40**0.5)
            found = after(found, rows, quick="continue")
        gaps = np.array(means)[:, :, None] - np.array(means)[:, None, :]
        change = np.abs(np.diff(gaps, axis=0)).max(axis=(1, 2))
        bound = (standing.Z * np.array(errors[:-1]) + change).sum()
        assert np.array(excess[1:]).sum(axis=0).max() <= bound


def test_a_standing_comes_back_from_plain_values():
    found = heard(losses(1.0, 2.0, 3.0))
    assert Standing.from_dict(found.to_dict()) == found
