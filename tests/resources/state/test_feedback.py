import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from resources.state.feedback import Event, feedback_events, record_many
from resources.state.labelling import find_known
from resources.state.labels import count_labels, labels
from resources.state.predictions import insert
from resources.state.story import find_story

HOUR = timedelta(hours=1)


@pytest.fixture
def tell(state, truths, make_prediction):
    """Statuses of events about predictions that are logged; each call is a transaction."""
    with state.write() as connection:
        insert(connection, [make_prediction("p1"), make_prediction("p2", arm="B", phase=2)])

    def tell(*events: Event) -> list[str]:
        with state.write() as connection:
            return record_many(connection, events, find_known(connection, ["p1", "p2"]), truths).statuses

    return tell


@pytest.fixture
def story(state, truths):
    def find(prediction_id: str = "p1"):
        with state.read() as connection:
            return find_story(connection, prediction_id, truths)

    return find


def label_of(state, prediction_id: str = "p1") -> dict:
    with state.read() as connection:
        return dict(connection.execute(sa.select(labels).filter_by(prediction_id=prediction_id)).mappings().one())


def test_a_prediction_without_events_is_pending(tell, story):
    assert (story().state, story().label, story().told) == ("pending", None, [])


def test_the_first_event_makes_the_label_with_the_versions_it_judges(tell, story, state, at):
    assert tell(Event("p1", 6, at)) == ["stored"]
    assert story().state == "labelled"
    label = label_of(state)
    assert {name: label[name] for name in ("use_case", "champion_version", "challenger_version", "arm")} == {
        "use_case": "wine_quality",
        "champion_version": 1,
        "challenger_version": 2,
        "arm": "A",
    }
    assert (label["truth"], label["event_time"], label["received_at"], label["expired"]) == (6, at, at, False)


def test_a_repeated_event_is_counted_not_stored_twice(tell, story, state, at):
    assert tell(Event("p1", 6, at, at)) == ["stored"]
    assert tell(Event("p1", 6, at + HOUR, at), Event("p1", 6, at + HOUR, at)) == ["duplicate", "duplicate"]
    assert (story().state, story().label.corrections, story().label.duplicates) == ("labelled", 0, 2)
    assert label_of(state)["duplicates"] == 2
    with state.read() as connection:
        assert connection.execute(sa.select(feedback_events.c.seen)).scalars().all() == [3]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_event_without_a_time_counts_from_its_first_arrival(tell, state, at, order):
    events = [Event("p1", 6, at), Event("p1", 6, at + HOUR)]
    assert [tell(events[n]) for n in order] == [["stored"], ["duplicate"]]
    assert (label_of(state)["event_time"], label_of(state)["received_at"]) == (at, at)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_same_truth_with_a_time_and_without_are_two_events_that_agree(tell, story, at, order):
    events = [Event("p1", 6, at), Event("p1", 6, at, at)]
    assert [tell(events[n]) for n in order] == [["stored"], ["stored"]]
    assert (story().state, story().label.duplicates, len(story().told)) == ("labelled", 0, 2)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_contradicting_events_the_latest_counts_in_either_order(tell, story, state, at, order):
    events = [Event("p1", 6, at, at), Event("p1", 7, at, at + HOUR)]
    assert [tell(events[n]) for n in order] == [["stored"], ["corrected"]]
    assert (story().state, story().label.corrections) == ("corrected", 1)
    assert (label_of(state)["truth"], label_of(state)["event_time"]) == (7, at + HOUR)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_truth_that_is_told_again_is_no_younger_unless_it_was_another_between(tell, state, at, order):
    again = [Event("p1", 6, at + n * HOUR, at + n * HOUR) for n in range(3)]
    for n in order:
        tell(again[n])
    assert (label_of(state)["received_at"], label_of(state)["event_time"]) == (at, at + 2 * HOUR)
    tell(Event("p1", 7, at + 3 * HOUR, at + 3 * HOUR), Event("p1", 6, at + 4 * HOUR, at + 4 * HOUR))
    assert (label_of(state)["truth"], label_of(state)["received_at"]) == (6, at + 4 * HOUR)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_sources_the_later_event_counts(tell, state, at, order):
    events = [Event("p1", 7, at, at + HOUR, "audit"), Event("p1", 4, at, at, "client")]
    for n in order:
        tell(events[n])
    assert (label_of(state)["truth"], label_of(state)["source"]) == (7, "audit")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_equal_times_the_larger_truth_counts_then_the_larger_source(tell, state, at, order):
    events = [Event("p1", 6, at, at, "z"), Event("p1", 7, at, at, "a"), Event("p1", 7, at, at, "b")]
    for n in order:
        tell(events[n])
    label = label_of(state)
    assert (label["truth"], label["source"], label["corrections"]) == (7, "b", 1)


def test_a_truth_that_comes_too_late_is_kept_and_is_no_evidence(tell, story, state, at):
    assert tell(Event("p1", 6, at, at + 24 * HOUR + timedelta(microseconds=1))) == ["expired"]
    assert (story().state, story().told[0].in_time) == ("expired", False)
    assert label_of(state)["expired"] is True
    with state.read() as connection:
        assert count_labels(connection, "wine_quality", 1, 2) == {"A": 0, "B": 0}


def test_a_truth_at_the_last_moment_counts(tell, story, at):
    assert tell(Event("p1", 6, at, at + 24 * HOUR)) == ["stored"]
    assert story().state == "labelled"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_late_contradiction_changes_nothing(tell, story, state, at, order):
    events = [Event("p1", 6, at, at), Event("p1", 7, at, at + 25 * HOUR)]
    assert {tuple(tell(events[n])) for n in order} == {("stored",), ("expired",)}
    assert (story().state, story().label.corrections) == ("labelled", 0)
    assert (label_of(state)["truth"], label_of(state)["expired"]) == (6, False)


def test_each_labelled_prediction_is_counted_once_where_it_was_answered(tell, state, at):
    tell(Event("p1", 6, at, at + 25 * HOUR), Event("p2", 6, at))
    tell(Event("p1", 6, at), Event("p1", 7, at), Event("p2", 7, at), Event("p2", 7, at))
    with state.read() as connection:
        assert count_labels(connection, "wine_quality", 1, 2) == {"A": 1, "B": 1}


def test_what_is_labelled_now_is_told_with_its_lag(state, truths, tell, at):
    tell(Event("p2", 6, at))
    with state.write() as connection:
        known = find_known(connection, ["p1", "p2"])
        events = [Event("p2", 7, at + HOUR), Event("p1", 6, at + 2 * HOUR), Event("p1", 7, at + 2 * HOUR)]
        recorded = record_many(connection, events, known, truths)
    assert [(of.prediction_id, of.version, lag_s) for of, lag_s in recorded.labelled] == [("p1", 1, 7_200.0)]


def test_a_thousand_events_take_a_handful_of_statements(state, truths, make_prediction, at):
    ids = [f"many {n}" for n in range(1_000)]
    statements = []
    with state.write() as connection:
        insert(connection, [make_prediction(one) for one in ids])
        known = find_known(connection, ids)
        sa.event.listen(connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
        record_many(connection, [Event(one, 6, at) for one in ids], known, truths)
        record_many(connection, [Event(one, 7, at + HOUR) for one in ids], known, truths)
    assert len(statements) <= 18, statements


def test_two_that_store_the_same_events_at_once_agree(state, truths, make_prediction, at):
    ids = [f"same {n}" for n in range(300)]
    with state.write() as connection:
        insert(connection, [make_prediction(one) for one in ids])
    barrier, statuses, failures = threading.Barrier(2), [], []

    def store(order: int) -> None:
        try:
            barrier.wait(300)
            for start in range(0, 300, 50):
                with state.write() as connection:
                    known = find_known(connection, ids)
                    events = [Event(one, 6, at, at) for one in ids[start : start + 50][::order]]
                    statuses.extend(record_many(connection, events, known, truths).statuses)
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            failures.append(error)

    threads = [threading.Thread(target=store, args=(order,)) for order in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert failures == []
    assert (statuses.count("stored"), statuses.count("duplicate")) == (300, 300)
    with state.read() as connection:
        assert count_labels(connection, "wine_quality", 1, 2)["A"] == 300
