import threading
from datetime import timedelta

import pytest

from mlops_assets import spec
from mlops_assets.spec import RampStep
from mlops_assets.use_cases.load import find_use_case
from resources.state import audit
from resources.state.conflict import ConflictError
from resources.state.experiment import next_step, sentence
from resources.state.routing import (
    Wanted,
    advance_ramp,
    change_routing,
    meet_challenger,
    open_routing,
    read_routing,
    routing,
)

NAME = "wine_quality"
HOUR = timedelta(hours=1)
RAMP = (RampStep(after_h=0, split_b=0.01), RampStep(after_h=1, split_b=0.1), RampStep(after_h=6, split_b=0.5))
STEPS = [step.model_dump() for step in RAMP]
WINE = find_use_case(NAME)


def wine(**changes):
    """The use case with keys of its routing changed, as an edit of its file does."""
    values = {"kind": "ab", "split_b": 0.2, "ramp": RAMP} | changes
    return WINE.model_copy(update={"routing": spec.Routing(**values)})


@pytest.fixture
def act(state):
    """Calls a function in a transaction of its own."""

    def act(function, *arguments, **options):
        with state.write() as connection:
            return function(connection, *arguments, **options)

    return act


@pytest.fixture
def change(act, at):
    """The routing after a change of `wine()`, whatever its version; `after` is the time since `at`."""

    def change(by="ann", after=timedelta(0), expected=None, **wanted):
        return act(change_routing, wine(), Wanted(**wanted), expected=expected, at=at + after, by=by)

    return change


@pytest.fixture
def canary(act, at):
    """A canary whose challenger, version 2, arrived at `at`."""
    act(open_routing, wine(kind="canary"), at=at)
    return act(meet_challenger, NAME, 2, at=at)


@pytest.fixture
def changes(act):
    return lambda: act(audit.last_changes, NAME)


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
