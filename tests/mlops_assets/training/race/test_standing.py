from itertools import pairwise

import numpy as np
import pytest

from mlops_assets.training.race import standing
from mlops_assets.training.race.standing import LAGS, Standing, after, even, gains, is_ahead

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
    assert np.array(found.rounds) == pytest.approx(np.array([[40, 80, 120], [20, 20, 20]]))


@pytest.mark.parametrize(
    ("gains", "z", "ahead"),
    [
        # sum 3, deviation sqrt((0.25 + 0.25) / 1) = 0.7071, times sqrt(2): an error of 1
        ([1.0, 2.0], 2.9, True),
        ([1.0, 2.0], 3.1, False),
        ([9.0], 0.0, False),  # one round says nothing of how rounds differ
        ([0.0, 0.0], 0.0, False),
    ],
)
def test_ahead_is_a_sum_above_so_many_of_its_errors(gains, z, ahead):
    assert is_ahead(gains, z) == ahead


def test_the_steady_one_gives_way_to_a_leader_that_is_surely_ahead():
    assert heard(losses(1.0, 2.0, 3.0)).chosen == "refit_all"
    found = heard(losses(1.0, 2.0, 3.0), losses(1.1, 2.0, 3.0))
    assert (found.steady, found.chosen, found.reason) == ("keep", "keep", "none lost surely less over all labels")


def test_a_lead_that_rounds_contradict_is_not_sure():
    # keep is ahead by 80, -20, 64, -16: a sum of 108, an error of 2 * sd = 104, of which two are due
    rounds = [losses(1.0, 9.0, 3.0), losses(3.5, 9.0, 3.0), losses(1.4, 9.0, 3.0), losses(3.4, 9.0, 3.0)]
    found = heard(*rounds)
    assert min(found.total, key=found.total.get) == "keep"
    assert found.steady == "refit_all"


def test_of_equal_ones_the_one_that_learns_most_is_used():
    assert heard(np.ones((40, 3)), np.ones((40, 3))).chosen == "refit_all"


def test_the_last_window_is_followed_once_that_has_paid():
    # continue is best from round 2 on: to follow the round before gains 0, 40, 40 more than refit_all would
    found = heard(losses(2.0, 2.0, 1.0), losses(2.0, 1.0, 2.0), losses(2.0, 1.0, 2.0))
    assert gains(found, 1) == pytest.approx([0.0, 40.0])
    assert (found.steady, found.chosen) == ("refit_all", "continue")
    assert found.reason == "it lost least in the last window, and to follow that window has paid so far"


def test_the_last_window_is_not_followed_where_windows_take_turns():
    """Whoever was best is worst in the next round: to follow it has only cost."""
    found = heard(losses(2.0, 1.0, 1.4), losses(1.0, 2.0, 1.4), losses(2.0, 1.0, 1.4))
    assert gains(found, 1) == pytest.approx([-0.6 * 40] * 2)
    assert found.chosen == "refit_all"


def test_the_window_of_a_season_before_is_followed_once_that_has_surely_paid():
    """A season of three rounds: keep, continue and keep are best in turn, and refit_all is never far off."""
    season = [losses(1.1, 3.0, 1.4), losses(3.0, 1.0, 1.4), losses(1.0, 3.0, 1.4)]
    assert heard(*season, season[0]).chosen == "refit_all"  # one gain says nothing
    found = heard(*season, *season[:2])
    assert gains(found, 3) == pytest.approx([0.3 * 40, 0.4 * 40])
    assert sum(gains(found, 1)) < 0
    assert found.chosen == "keep"
    assert found.reason == "it lost least 3 windows ago, and to follow that window has paid so far"


def test_a_season_that_may_be_chance_is_not_followed():
    """To follow the round two before would take keep next, and gained 40, -20, 40, 0.

    Their sum is 60, and so is its error, sqrt(2700 / 3) * sqrt(4): two of them are due.
    """
    rounds = [losses(1.0, 9.0, 2.0), losses(9.0, 1.0, 2.0), losses(1.0, 9.0, 2.0), losses(9.0, 2.5, 2.0)]
    found = heard(*rounds, losses(1.0, 9.0, 2.0), losses(9.0, 2.4, 2.0))
    assert gains(found, 2) == pytest.approx([40, -20, 40, 0])
    assert found.chosen == "refit_all"


def test_what_was_followed_is_counted_against_the_steady_one_of_that_time():
    """Round 2 makes keep steady; its own round still counts against refit_all, which was steady before it."""
    found = heard(losses(1.0, 2.0, 3.0), losses(1.1, 2.0, 3.0), losses(1.0, 2.0, 3.0))
    assert gains(found, 1) == pytest.approx([(3.0 - 1.1) * 40, 0.0])
    assert found.steadies == ("refit_all", "refit_all", "keep")


def test_after_a_jump_the_quick_one_is_used_until_another_is_surely_ahead():
    usual = [losses(1.0, 1.2, 1.1)] * 4
    found = heard(*usual, losses(2.1, 2.5, 2.2))
    assert found.chosen == found.steady == "continue"
    assert found.reason.startswith("every policy lost 2.1 or more, where 1 is usual: it learns soonest")
    assert (found.rounds, found.steadies, found.levels) == ((), (), ())  # what came before is about another stream
    assert found.rows == 5 * 40
    later = [losses(2.0, 1.9, 1.5), losses(2.0, 1.9, 1.6)]
    assert heard(*usual, losses(2.1, 2.5, 2.2), later[0]).chosen == "continue"
    assert heard(*usual, losses(2.1, 2.5, 2.2), *later).chosen == "refit_all"


def test_one_wrong_answer_after_none_is_no_jump():
    # 1 of 40: mean 0.025, deviation sqrt(0.025 * 0.975 * 40 / 39) = 0.158, less two errors of 0.025: below 0
    once = np.zeros((40, 3))
    once[7] = 1.0
    assert standing.surely(once[:, 0]) == pytest.approx(-0.025, abs=1e-4)
    assert heard(*[np.zeros((40, 3))] * 4, once).reason == "none lost surely less over all labels"


def test_few_rows_are_no_jump():
    few = losses(9.0, 9.0, 9.0, rows=standing.ROWS_MIN - 1)
    assert len(heard(*[losses(1.0, 1.2, 1.1)] * 4, few).levels) == 5


@pytest.mark.parametrize(("rounds", "worst"), [(4, 1.9), (3, 2.1)])
def test_no_jump_is_seen_below_twice_the_usual_or_before_there_is_a_usual(rounds, worst):
    assert heard(*[losses(1.0, 1.2, 1.1)] * rounds, losses(worst, 2.5, 2.2)).chosen == "keep"


def test_what_is_remembered_is_bounded():
    found = heard(*[losses(1.0, 1.2, 1.1)] * 60)
    assert (len(found.levels), len(found.rounds), len(found.steadies)) == (20, 50, 50)


def test_what_is_lost_between_two_turns_is_within_the_stated_bound(monkeypatch):
    """Random rounds without a season: each stretch loses at most 2 m against the other of the two ways."""
    monkeypatch.setattr(standing, "LAGS", range(1, 2))
    random, turned = np.random.default_rng(5), 0
    for _ in range(30):
        found, used = even(POLICIES), []
        for _ in range(25):
            used.append(is_ahead(gains(found, 1), 0.0))
            found = after(found, random.uniform(1.0, 1.5, size=3) + np.zeros((40, 1)), quick="continue")
        gained = np.array([0.0, *gains(found, 1)])
        starts = [0, *np.flatnonzero(np.diff(used)) + 1, len(used)]
        turned += len(starts) - 2
        for start, stop in pairwise(starts):
            assert gained[start:stop].sum() * (-1 if used[start] else 1) <= 2 * np.abs(gained).max() + 1e-9
    assert turned > 30


def test_no_season_is_longer_than_what_is_remembered():
    assert max(LAGS) < standing.ROUNDS_MAX - 1


def test_a_standing_comes_back_from_plain_values():
    found = heard(losses(1.0, 2.0, 3.0), losses(1.0, 2.0, 3.0))
    assert Standing.from_dict(found.to_dict()) == found
