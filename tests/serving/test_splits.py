import pytest

from resources.state.conflict import ConflictError
from serving.router import utc_now
from serving.splits import Splits

NAME = "wine_quality"


def test_first_split_is_the_specs(use_cases, state):
    assert Splits(use_cases.values(), state, utc_now).of(NAME).split_b == use_cases[NAME].routing.split_b


def test_split_survives_a_restart(use_cases, state):
    before = Splits(use_cases.values(), state, utc_now)
    changed = before.change(NAME, 0.7, expected=None, by="ann")
    after = Splits(use_cases.values(), state, utc_now)
    assert after.of(NAME) == changed


def test_other_processes_see_a_change_at_their_next_look(use_cases, state):
    one, other = (Splits(use_cases.values(), state, utc_now) for _ in range(2))
    one.change(NAME, 0.7, expected=1, by="ann")
    assert other.of(NAME).split_b == 0.3
    other.refresh()
    assert other.of(NAME).split_b == 0.7


def test_change_of_what_one_has_not_seen_is_a_conflict(use_cases, state):
    one, other = (Splits(use_cases.values(), state, utc_now) for _ in range(2))
    one.change(NAME, 0.7, expected=1, by="ann")
    with pytest.raises(ConflictError, match="at version 2"):
        other.change(NAME, 0.1, expected=1, by="bob")
    assert other.change(NAME, 0.1, expected=None, by="bob").version == 3
