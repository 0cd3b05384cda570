"""Opened once, changed by one at a time."""

import threading

import pytest
from routed import HOUR, NAME, STEPS, wine

from mlops_assets.use_cases.load import find_use_case
from resources.state.conflict import ConflictError
from resources.state.routing import (
    Wanted,
    change_routing,
    open_routing,
    read_routing,
)


def test_no_routing_before_it_is_opened(act):
    assert act(read_routing, NAME) is None


def test_salt_and_split_of_the_first_opening_stay(act, at):
    first = act(open_routing, wine(), at=at)
    assert act(open_routing, wine(), at=at + HOUR) == first
    assert (first.version, first.phase, first.split_b, first.by) == (1, 1, 0.2, "spec")
    assert len(first.salt) == 32


def test_two_use_cases_have_different_salts(act, at):
    one = act(open_routing, wine(), at=at)
    assert one.salt != act(open_routing, find_use_case("delivery_time"), at=at).salt


def test_changed_split_opens_a_phase_and_keeps_the_salt(act, at, change, changes):
    before = act(open_routing, wine(), at=at)
    after = change(ab_split_b=0.5, expected=1)
    assert act(read_routing, NAME) == after
    assert (after.split_b, after.version, after.phase, after.salt) == (0.5, 2, 2, before.salt)
    (row,) = changes()
    assert (row.who, row.action) == ("ann", "config")
    assert (row.before["split_b"], row.after["split_b"]) == (0.2, 0.5)


def test_what_is_so_already_changes_nothing(act, at, change, changes):
    before = act(open_routing, wine(), at=at)
    assert change(ab_split_b=0.2, kind="ab", ramp=STEPS, paused=False) == before
    assert changes() == []


@pytest.mark.parametrize("expected", [0, 2])
def test_wrong_version_is_a_conflict(act, at, change, expected):
    act(open_routing, wine(), at=at)
    with pytest.raises(ConflictError, match=f"expected version {expected}, it is at version 1 with split_b 0.2"):
        change(ab_split_b=0.5, expected=expected)


def test_change_before_opening_is_a_conflict(change):
    with pytest.raises(ConflictError, match="not open yet"):
        change(ab_split_b=0.5, expected=1)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"ab_split_b": -0.1}, "split_b: -0.1"),
        ({"ab_split_b": 1.1}, "split_b: 1.1"),
        ({"ab_split_b": float("nan")}, "split_b: nan"),
        ({"kind": "roulette"}, "kind: 'roulette'"),
        ({"ramp": []}, "must begin with a step at after_h: 0"),
        ({"ramp": [STEPS[0], STEPS[2], STEPS[1]]}, "must be ordered by after_h"),
    ],
)
def test_what_a_file_could_not_say_is_refused(act, at, change, wanted, words):
    act(open_routing, wine(), at=at)
    with pytest.raises(ValueError, match=f"routing of 'wine_quality': .*{words}"):
        change(**wanted)
    assert act(read_routing, NAME).version == 1


def test_of_many_writers_with_one_version_one_wins(act, at, change):
    act(open_routing, wine(), at=at)
    outcomes: list[str] = []

    def write(split_b: float) -> None:
        try:
            change(ab_split_b=split_b, expected=1)
            outcomes.append("won")
        except ConflictError:
            outcomes.append("conflict")

    threads = [threading.Thread(target=write, args=(0.1 * number,)) for number in range(3, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 6 + ["won"]


def test_a_writer_waits_for_one_that_has_not_committed_and_then_conflicts(state, act, at, change):
    act(open_routing, wine(), at=at)
    outcome: list[type] = []

    def write() -> None:
        try:
            change(ab_split_b=0.9, expected=1)
            outcome.append(type(None))
        except ConflictError as error:
            outcome.append(type(error))

    second = threading.Thread(target=write)
    with state.write() as connection:
        change_routing(connection, wine(), Wanted(ab_split_b=0.5), expected=1, at=at, by="ann")
        second.start()
        second.join(0.3)
        assert outcome == []
    second.join(300)
    assert outcome == [ConflictError]
    assert act(read_routing, NAME).split_b == 0.5


def test_a_shadow_gets_no_unit_and_the_split_waits(act, at, change):
    act(open_routing, wine(), at=at)
    shadow = change(kind="shadow")
    assert (shadow.split_b, shadow.phase) == (0.0, 2)
    back = change(kind="ab")
    assert (back.split_b, back.phase) == (0.2, 3)


def test_a_shadow_that_would_score_nothing_is_refused(act, at):
    unpaired = wine(paired=False)
    act(open_routing, unpaired, at=at)
    with pytest.raises(ValueError, match="'shadow' needs paired: true"):
        act(change_routing, unpaired, Wanted(kind="shadow"), expected=None, at=at, by="ann")


def test_a_split_that_is_not_in_force_opens_no_phase(act, at, change):
    act(open_routing, wine(kind="shadow"), at=at)
    after = change(ab_split_b=0.7)
    assert (after.split_b, after.version, after.phase) == (0.0, 2, 1)
