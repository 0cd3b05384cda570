from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from resources.state import parking
from resources.state.feedback import Event, feedback_events
from resources.state.labels import labelled_pairs
from resources.state.parking import OVERDUE_AFTER, Parked, attach, attachable, count_parked, park, parked_feedback
from resources.state.predictions import insert

PAIR = ("wine_quality", 1, 2)
HOUR = timedelta(hours=1)


def reasons(connection) -> list:
    return connection.execute(sa.select(parked_feedback.c.refused)).scalars().all()


def test_a_parked_event_is_recorded_when_its_prediction_is_known(state, truths, make_prediction, at):
    with state.write() as connection:
        park(connection, [Event("p1", "6", at), Event("p2", "6", at)])
        assert attachable(connection) == ([], 0)
        insert(connection, [make_prediction("p1")])
        assert attachable(connection) == (["p1"], 0)
        recorded = attach(connection, ["p1", "p2"], truths)
        assert recorded.statuses == ["stored"]
        assert [(of.prediction_id, lag_s) for of, lag_s in recorded.labelled] == [("p1", 0.0)]
        assert labelled_pairs(connection, *PAIR) == [(5, 6, 6)]
        assert attachable(connection) == ([], 0)
        assert attach(connection, ["p1"], truths).statuses == []
        assert count_parked(connection, at).waiting == 1


def test_a_parked_event_that_comes_again_is_counted_not_kept_twice(state, truths, make_prediction, at):
    event = Event("p1", 6, at + HOUR)
    with state.write() as connection:
        park(connection, [event, event])
        park(connection, [replace(event, received_at=at), Event("p1", 7, at, at - HOUR)])
        assert count_parked(connection, at).waiting == 2
        insert(connection, [make_prediction("p1")])
        attach(connection, ["p1"], truths)
        seen = sa.select(feedback_events.c.truth, feedback_events.c.seen, feedback_events.c.event_time).order_by("seen")
        assert connection.execute(seen).all() == [(7, 1, at - HOUR), (6, 3, at)]
        assert labelled_pairs(connection, *PAIR) == [(5, 6, 6)]


def test_a_parked_truth_that_cannot_be_one_stays_with_its_reason(state, truths, make_prediction, at):
    with state.write() as connection:
        park(connection, [Event("p1", "six", at)])
        insert(connection, [make_prediction("p1")])
        assert attach(connection, ["p1"], truths).statuses == []
        assert reasons(connection) == ["could not convert string to float: 'six'"]
        assert attachable(connection) == ([], 0)
        assert count_parked(connection, at) == Parked(waiting=0, overdue=0, refused=1, oldest=None)


@pytest.mark.parametrize(("asked_by", "statuses"), [("mine", ["stored"]), ("another", []), (None, [])])
def test_a_key_that_may_only_speak_of_its_own_is_held_to_it_later_too(
    state, truths, make_prediction, at, asked_by, statuses
):
    with state.write() as connection:
        park(connection, [Event("p1", 6, at)], sent_by="mine")
        insert(connection, [make_prediction("p1", asked_by=asked_by)])
        assert attach(connection, ["p1"], truths).statuses == statuses
        assert reasons(connection) == ([] if statuses else ["key mine did not ask for prediction p1"])


def test_what_waits_too_long_is_reported(state, at):
    with state.write() as connection:
        park(connection, [Event("p1", 6, at), Event("p2", 6, at + HOUR)])
        now = at + OVERDUE_AFTER + timedelta(minutes=1)
        parked = count_parked(connection, now)
    assert parked == Parked(waiting=2, overdue=1, refused=0, oldest=at)
    assert "2 truth(s) wait" in parked.sentence
    assert "since 2026-03-01 12:00 UTC; 1 of them for more than 7 days" in parked.sentence


def test_nothing_that_waits_is_said_plainly():
    assert Parked(0, 0, 0, None).sentence == "every truth found its prediction"


def test_a_poll_looks_at_a_bounded_number_and_the_next_goes_on(state, make_prediction, at, monkeypatch):
    monkeypatch.setattr(parking, "LOOKED_AT", 2)
    with state.write() as connection:
        park(connection, [Event(f"p{n}", 6, at) for n in range(5)])
        insert(connection, [make_prediction("p0"), make_prediction("p4")])
        first, after = attachable(connection)
        second, further = attachable(connection, after)
        third, end = attachable(connection, further)
    assert (first, second, third, end) == (["p0"], [], ["p4"], 0)


def test_two_that_attach_at_once_count_once(state, truths, make_prediction, at, monkeypatch):
    """The second one found the event waiting, then the first one recorded it."""
    with state.write() as connection:
        park(connection, [Event("p1", 6, at)])
        insert(connection, [make_prediction("p1")])
    stand_in_line, late = parking.stand_in_line, []

    def let_another_go_first(connection) -> None:
        if not late:
            late.append(True)
            attach(connection, ["p1"], truths)
        stand_in_line(connection)

    monkeypatch.setattr(parking, "stand_in_line", let_another_go_first)
    with state.write() as connection:
        assert attach(connection, ["p1"], truths).statuses == []
        assert connection.execute(sa.text("SELECT seen FROM feedback_events")).scalars().all() == [1]
