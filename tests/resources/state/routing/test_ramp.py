"""Steps of a canary, who they are for, and pauses."""

import threading

import pytest
from routed import HOUR, NAME, STEPS, wine

from resources.state.experiment import next_step, sentence
from resources.state.routing import (
    advance_ramp,
    meet_challenger,
    open_routing,
    read_routing,
)


def test_a_canary_waits_at_its_first_step_for_a_challenger(act, at):
    waiting = act(open_routing, wine(kind="canary"), at=at)
    assert (waiting.split_b, waiting.ramp_started_at) == (0.01, None)
    assert act(advance_ramp, NAME, at=at + 10 * HOUR) == waiting
    assert "waits for a challenger" in sentence(waiting, at)


@pytest.mark.parametrize(("hours", "split_b"), [(0, 0.01), (0.99, 0.01), (1, 0.1), (5.99, 0.1), (6, 0.5), (1000, 0.5)])
def test_a_step_is_reached_so_many_hours_after_the_challenger_came(act, at, canary, hours, split_b):
    after = act(advance_ramp, NAME, at=at + hours * HOUR)
    assert after.split_b == split_b
    assert after.phase == canary.phase + (split_b != 0.01)


def test_a_step_is_in_the_audit_as_the_ramps(act, at, canary, changes):
    act(advance_ramp, NAME, at=at + 2 * HOUR)
    newest = changes()[0]
    assert (newest.who, newest.before["split_b"], newest.after["split_b"]) == ("ramp", 0.01, 0.1)


def test_of_many_processes_that_see_a_step_due_one_takes_it(act, at, canary, changes):
    known = len(changes())
    threads = [threading.Thread(target=act, args=(advance_ramp, NAME), kwargs={"at": at + HOUR}) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = act(read_routing, NAME)
    assert (after.version, after.phase) == (canary.version + 1, canary.phase + 1)
    assert len(changes()) == known + 1


def test_a_clock_that_is_behind_takes_no_step_back(act, at, canary):
    reached = act(advance_ramp, NAME, at=at + HOUR)
    assert act(advance_ramp, NAME, at=at - HOUR) == reached


def test_another_challenger_begins_the_ramp_again_in_a_phase_of_its_own(act, at, canary):
    act(advance_ramp, NAME, at=at + 6 * HOUR)
    again = act(meet_challenger, NAME, 3, at=at + 7 * HOUR)
    assert (again.split_b, again.challenger, again.ramp_started_at) == (0.01, 3, at + 7 * HOUR)
    at_first_step = act(meet_challenger, NAME, 4, at=at + 7 * HOUR)
    assert at_first_step.phase == again.phase + 1


def test_the_same_challenger_seen_by_another_process_changes_nothing(act, at, canary):
    reached = act(advance_ramp, NAME, at=at + HOUR)
    assert act(meet_challenger, NAME, 2, at=at + 2 * HOUR) == reached
    assert act(open_routing, wine(kind="canary"), at=at + 2 * HOUR) == reached


def test_a_challenger_of_a_fixed_split_is_noted_without_a_change(act, at, changes):
    before = act(open_routing, wine(), at=at)
    noted = act(meet_challenger, NAME, 2, at=at + HOUR)
    assert (noted.challenger, noted.version, noted.phase) == (2, before.version, before.phase)
    assert changes() == []


def test_a_canary_that_is_set_begins_now_for_the_challenger_that_serves(act, at, change):
    act(open_routing, wine(), at=at)
    act(meet_challenger, NAME, 2, at=at)
    begun = change(kind="canary", after=100 * HOUR)
    assert (begun.split_b, begun.ramp_started_at) == (0.01, at + 100 * HOUR)
    assert next_step(begun, at + 100 * HOUR) == STEPS[1]


def test_another_ramp_keeps_the_clock(act, at, canary, change):
    steps = [{"after_h": 0.0, "split_b": 0.02}, {"after_h": 3.0, "split_b": 0.3}]
    after = change(ramp=steps, after=4 * HOUR)
    assert (after.split_b, after.ramp_started_at, after.by) == (0.3, at, "ann")


def test_a_pause_sends_everything_to_a_and_stops_the_clock(act, at, canary, change):
    paused = change(paused=True, after=0.5 * HOUR)
    assert (paused.split_b, paused.paused, paused.phase) == (0.0, True, canary.phase + 1)
    assert act(advance_ramp, NAME, at=at + 50 * HOUR) == paused
    back = change(paused=False, after=50 * HOUR)
    assert (back.split_b, back.paused) == (0.01, False)
    assert act(advance_ramp, NAME, at=at + 50.4 * HOUR).split_b == 0.01
    assert act(advance_ramp, NAME, at=at + 50.5 * HOUR).split_b == 0.1


def test_a_challenger_that_comes_in_a_pause_begins_when_it_ends(act, at, canary, change):
    change(paused=True, after=HOUR)
    met = act(meet_challenger, NAME, 3, at=at + 3 * HOUR)
    assert (met.split_b, met.paused) == (0.0, True)
    assert change(paused=False, after=9 * HOUR).ramp_started_at == at + 9 * HOUR


def test_a_pause_holds_a_fixed_split_too(act, at, change):
    act(open_routing, wine(), at=at)
    change(paused=True)
    assert change(ab_split_b=0.6).split_b == 0.0
    assert change(paused=False).split_b == 0.6


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({}, "Canary of version 2: B answers 1 % of the units; 10 % in 0.5 h."),
        ({"paused": True}, "Paused: A answers every request, and a ramp's clock stands."),
        ({"kind": "ab"}, "A/B: B answers 20 % of the units."),
        ({"kind": "shadow"}, "Shadow: A answers every request, B scores each of them."),
        ({"ramp": STEPS[:1]}, "Canary of version 2: B answers 1 % of the units; the last step."),
    ],
)
def test_the_experiment_is_told_in_words(canary, change, at, wanted, words):
    found = change(**wanted) if wanted else canary
    assert sentence(found, at + 0.5 * HOUR) == words
