"""Edits of the file beside what a person set."""

from routed import HOUR, RAMP, STEPS, wine

from resources.state.routing import (
    open_routing,
    routing,
)


def test_an_edit_of_the_file_is_applied_once_and_said(act, at, changes):
    act(open_routing, wine(), at=at)
    edited = act(open_routing, wine(split_b=0.4), at=at + HOUR)
    assert (edited.split_b, edited.version, edited.phase, edited.by) == (0.4, 2, 2, "spec")
    assert changes()[0].who == "spec"
    assert act(open_routing, wine(split_b=0.4), at=at + 2 * HOUR) == edited
    assert len(changes()) == 1


def test_a_change_by_a_person_holds_until_the_file_changes_that_key(act, at, change):
    act(open_routing, wine(), at=at)
    asked = change(kind="shadow", ab_split_b=0.7)
    assert act(open_routing, wine(), at=at) == asked
    other_key = act(open_routing, wine(ramp=RAMP[:2]), at=at)
    assert (other_key.kind, other_key.ab_split_b, other_key.ramp) == ("shadow", 0.7, STEPS[:2])
    same_key = act(open_routing, wine(ramp=RAMP[:2], kind="canary"), at=at)
    assert (same_key.kind, same_key.ab_split_b) == ("canary", 0.7)


def test_an_edit_that_says_what_somebody_set_before_changes_nothing(act, at, change):
    act(open_routing, wine(), at=at)
    asked = change(ab_split_b=0.4)
    agreed = act(open_routing, wine(split_b=0.4), at=at)
    assert (agreed.version, agreed.by) == (asked.version, "ann")
    assert act(open_routing, wine(split_b=0.2), at=at).split_b == 0.2


def test_a_shadow_ends_when_the_file_says_that_nothing_is_paired(act, at, change):
    act(open_routing, wine(), at=at)
    change(kind="shadow")
    assert act(open_routing, wine(paired=False), at=at).kind == "ab"


def test_a_row_of_the_first_release_keeps_its_split(act, at):
    act(open_routing, wine(), at=at)
    old = {"ramp": [], "from_file": None, "split_b": 0.6, "ab_split_b": 0.6}
    act(lambda connection: connection.execute(routing.update().values(old)))
    found = act(open_routing, wine(), at=at)
    assert (found.split_b, found.kind, found.ramp, found.phase) == (0.6, "ab", STEPS, 1)
