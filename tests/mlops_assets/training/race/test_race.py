from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from mlops_assets.training.race import race as racing
from mlops_assets.training.race.policies import POLICIES, quickest
from mlops_assets.training.race.race import begin, take_window


def run(windows, rules):
    race = begin()
    for each in windows:
        race = take_window(race, each, rules)
    return race


def test_a_race_begins_once_enough_labels_are_known(window, rules):
    race = run([window(day, 1.0, rows=25) for day in range(4)], rules())
    assert [turn.chosen != "" for turn in race.turns] == [False, False, True, True]  # 25 and 50 rows known: 40 are due
    assert [turn.known for turn in race.turns] == [0, 25, 50, 75]
    assert set(race.turns[2].learnt.values()) == {"first fit, on 50 rows"}


def test_a_window_is_answered_before_it_is_learnt(window, rules):
    """From day 3 on the slope is 3: that day's answers still say 1, so that the loss is 2 * mean |x|."""
    days = [window(day, 1.0 if day < 3 else 3.0) for day in range(5)]
    turns = run(days, rules()).turns
    expected = 2 * np.abs(days[3].X["x"]).mean()
    assert turns[3].loss == pytest.approx(dict.fromkeys(POLICIES, expected))
    assert turns[4].loss["refit_recent"] < turns[3].loss["refit_recent"]


def test_policies_do_what_they_are_called(window, rules):
    """Slope 1 for 4 days, then 3; two days are recent. On day 6 `recent` has seen the new slope alone."""
    turns = run([window(day, 1.0 if day < 4 else 3.0) for day in range(7)], rules()).turns
    last, size = turns[6].loss, np.abs(window(6, 3.0).X["x"]).mean()
    assert last["keep"] == pytest.approx(2 * size)
    assert last["refit_recent"] == pytest.approx(0, abs=1e-9)
    assert 0.1 * size < last["refit_all"] < 1.9 * size
    assert turns[6].learnt["keep"] == "kept"
    assert turns[6].learnt["refit_recent"] == "refitted on 80 recent rows"
    assert turns[6].learnt["refit_all"] == "refitted on 240 rows"
    assert "refitted on 240 rows, because models of 'linear' cannot learn on" in turns[6].learnt["continue"]


def test_labels_count_from_the_first_window_that_begins_after_them(window, rules):
    """Labels come 1.5 days after their rows: at the start of day k, days up to k-3 are known, and half of day k-2."""
    turns = run([window(day, 1.0, delay=1.5) for day in range(6)], rules()).turns
    assert [turn.known for turn in turns] == [0, 0, 21, 61, 101, 141]  # the label of row 20 comes as the window begins


def test_nothing_of_the_future_is_used(window, rules):
    """Other labels that come later than a window's start leave its turn as it is."""
    days = [window(day, 1.0, delay=1.5) for day in range(6)]
    other = [window(day, 1.0 if day < 4 else -9.0, delay=1.5) for day in range(6)]
    first, second = run(days, rules()).turns, run(other, rules()).turns
    for before, after in zip(first[:4], second[:4], strict=True):
        assert before == after
    assert (first[5].learnt, first[5].chosen) == (second[5].learnt, second[5].chosen)


def test_windows_without_new_labels_teach_nothing(window, rules):
    days = [window(0, 1.0, rows=80), window(1, 1.0), window(2, 1.0, delay=30), window(3, 1.0)]
    turns = run(days, rules()).turns
    assert set(turns[3].learnt.values()) == {"no new label"}


def test_the_policy_that_lost_least_is_used_and_the_reason_is_written_down(window, rules):
    race = run([window(day, 1.0 if day < 4 else 3.0, noise=0.5) for day in range(9)], rules())
    assert race.turns[-1].chosen == "refit_recent"
    assert race.turns[-1].reason.startswith("it lost least in the last window")


def test_what_does_not_fit_into_the_budget_is_skipped_and_said(window, rules):
    """Every look at the clock costs a second: a fit takes one, and after two of them nothing of 1.5 s is left."""
    clock = iter(range(10_000))
    turns = run([window(day, 1.0) for day in range(4)], rules(stopwatch=lambda: float(next(clock)), budget_s=4)).turns
    assert "skipped: about 1.0 s needed" in turns[2].learnt["refit_all"]
    assert turns[2].learnt["keep"] == "kept"


def test_to_keep_a_model_costs_nothing_even_where_the_first_fit_took_more_than_the_budget(window, rules):
    """Every look at the clock costs 10 s, which is what the first fit is said to have taken."""
    clock = iter(range(0, 100_000, 10))
    turns = run([window(day, 1.0) for day in range(4)], rules(stopwatch=lambda: float(next(clock)), budget_s=4)).turns
    assert turns[2].learnt["keep"] == "kept"
    assert turns[2].learnt["continue"].startswith("skipped: about 10.0 s needed")


def test_what_was_skipped_is_owed_and_learnt_later(window, rules):
    """The clock is slow for one window: what `continue` did not learn of it, it learns with the next, once."""
    ticks = iter([*range(2), *range(100, 10_000, 100)])
    kept = rules(stopwatch=lambda: float(next(ticks)), budget_s=50)
    race = begin()
    for day in range(3):
        race = take_window(race, window(day, 1.0), kept)
    assert race.taught.sentences["refit_all"].startswith("skipped")
    assert len(race.taught.owed["refit_all"]) == 40
    race = take_window(race, window(3, 1.0), replace(kept, stopwatch=lambda: 0.0))
    assert race.taught.owed == {}


def test_what_is_owed_is_bounded(window, rules):
    """A policy that is skipped for ever owes as many rows as may be remembered, the newest."""
    never = rules(stopwatch=iter(range(0, 100_000, 10)).__next__, budget_s=4, rows_max=60)
    race = begin()
    for day in range(8):
        race = take_window(race, window(day, 1.0), never)
    owed = race.taught.owed["refit_all"]
    assert len(owed) == 60
    assert owed.window.tolist() == [5] * 20 + [6] * 40


def test_a_refit_that_fails_leaves_the_model_as_it_was(window, rules):
    broken = window(2, 1.0)
    broken.y[:] = np.nan
    turns = run([window(0, 1.0), window(1, 1.0), broken, window(3, 1.0)], rules()).turns
    assert turns[3].learnt["refit_recent"].startswith("left as it was: ")
    assert turns[3].loss["refit_recent"] == pytest.approx(0, abs=1e-9)


def test_the_record_is_bounded(window, rules, monkeypatch):
    monkeypatch.setattr(racing, "TURNS_MAX", 3)
    race = run([window(day, 1.0) for day in range(6)], rules())
    assert [turn.window for turn in race.turns] == ["day 3", "day 4", "day 5"]
    assert race.windows == 6


def test_an_empty_window_is_a_turn_without_answers(window, rules):
    race = run([window(0, 1.0), window(1, 1.0), window(2, 1.0, rows=0), window(3, 1.0)], rules())
    assert (race.turns[2].rows, race.turns[2].chosen, race.turns[2].loss) == (0, "", {})
    assert race.turns[3].chosen


def test_what_learns_soonest_depends_on_the_family():
    assert (quickest("lightgbm"), quickest("linear")) == ("continue", "refit_recent")


def test_rows_of_one_class_alone_begin_no_race_of_classifiers(window, rules):
    """All is 'up' for three days: a first model of one class alone would be none."""
    classes = rules()
    classes = replace(
        classes,
        recipe=Pipeline([("prepare", classes.recipe.steps[0][1]), ("model", LogisticRegression())]),
        losses=lambda pipeline, X, y: (pipeline.predict(X) != y).astype(float),
    )
    days = [window(day, 1.0) for day in range(6)]
    days = [replace(one, y=np.where((one.X["x"] > 0) | (day < 3), "up", "down")) for day, one in enumerate(days)]
    turns = run(days, classes).turns
    assert [turn.chosen != "" for turn in turns] == [False] * 4 + [True] * 2
    assert turns[4].learnt["keep"] == "first fit, on 160 rows"
