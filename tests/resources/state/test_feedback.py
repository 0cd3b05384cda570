from datetime import timedelta

import numpy as np
import pytest
import sqlalchemy as sa

from resources.state.feedback import Event, attach, feedback, feedback_events, park, parked_feedback, parked_ids, record
from resources.state.predictions import insert, labelled_pairs, use_cases_of


def rows_of(connection):
    columns = ("prediction_id", "source", "truth", "event_time", "corrections", "duplicates")
    query = sa.select(*(feedback.c[name] for name in columns)).order_by(feedback.c.prediction_id, feedback.c.source)
    return [tuple(row) for row in connection.execute(query)]


def test_first_event_is_stored(state, at):
    with state.write() as connection:
        assert record(connection, Event("p1", 6, at), "w") == "stored"
        assert rows_of(connection) == [("p1", "client", 6, at, 0, 0)]


def test_repeated_event_is_counted_not_stored_twice(state, at):
    with state.write() as connection:
        record(connection, Event("p1", 6, at, at), "w")
        assert record(connection, Event("p1", 6, at + timedelta(hours=1), at), "w") == "duplicate"
        assert rows_of(connection) == [("p1", "client", 6, at, 0, 1)]


def test_repeated_event_without_a_time_is_a_duplicate(state, at):
    with state.write() as connection:
        record(connection, Event("p1", 6, at), "w")
        assert record(connection, Event("p1", 6, at + timedelta(hours=1)), "w") == "duplicate"
        assert rows_of(connection) == [("p1", "client", 6, at, 0, 1)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_latest_event_wins_in_either_order(state, at, order):
    events = [Event("p1", 6, at, at), Event("p1", 7, at, at + timedelta(seconds=1))]
    with state.write() as connection:
        assert [record(connection, events[n], "w") for n in order] == ["stored", "corrected"]
        assert rows_of(connection) == [("p1", "client", 7, at + timedelta(seconds=1), 1, 0)]
        assert connection.execute(sa.select(sa.func.count()).select_from(feedback_events)).scalar() == 2


def test_parked_event_is_attached_when_its_prediction_arrives(state, at, make_prediction):
    with state.write() as connection:
        assert park(connection, Event("p1", "6", at)) == "parked"
        assert parked_ids(connection) == ["p1"]
        insert(connection, [make_prediction("p1")])
        assert attach(connection, use_cases_of(connection, ["p1"]), lambda use_case, truth: int(truth)) == 1
        assert labelled_pairs(connection, "wine_quality", 1, 2) == [(5, 6, 6)]
        assert parked_ids(connection) == []


def test_parked_event_with_an_impossible_truth_stays_with_its_reason(state, at):
    def refuse(use_case, truth):
        raise ValueError("quality: a whole number is due, got 'x'")

    with state.write() as connection:
        park(connection, Event("p1", "x", at))
        assert attach(connection, {"p1": "w"}, refuse) == 0
        assert (
            connection.execute(sa.select(parked_feedback.c.refused)).scalar()
            == "quality: a whole number is due, got 'x'"
        )
        assert parked_ids(connection) == []


def test_order_and_repetition_of_events_do_not_matter(tmp_path, at):
    from resources.state.database import State, metadata

    random = np.random.default_rng(7)
    events = [
        Event(
            f"p{random.integers(12)}", int(random.integers(3, 9)), at, at + timedelta(seconds=int(random.integers(4)))
        )
        for _ in range(60)
    ]
    tables = []
    for number in range(10):
        state = State(f"sqlite:///{tmp_path / f'{number}.db'}")
        metadata.create_all(state.engine)
        with state.write() as connection:
            known = set()
            for position in random.permutation(len(events)):
                event = events[position]
                if random.random() < 0.5:
                    known.add(event.prediction_id)
                    attach(connection, {event.prediction_id: "w"}, lambda use_case, truth: truth)
                record(connection, event, "w") if event.prediction_id in known else park(connection, event)
            attach(connection, {event.prediction_id: "w" for event in events}, lambda use_case, truth: truth)
            tables.append(rows_of(connection))
        state.close()
    assert all(table == tables[0] for table in tables)
    assert len(tables[0]) == len({event.prediction_id for event in events})
    assert sum(1 + row[4] + row[5] for row in tables[0]) == len(events)
