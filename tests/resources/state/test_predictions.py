from datetime import timedelta

import pytest
import sqlalchemy as sa

from resources.state import feedback
from resources.state.feedback import Event
from resources.state.predictions import (
    count_arms,
    count_labels,
    insert,
    labelled_answers,
    labelled_pairs,
    predictions,
    read_paired,
    use_cases_of,
)


def test_row_reads_back_as_it_was(state, make_prediction):
    row = make_prediction("p1", champion_value="red", challenger_value=None, answered="red", challenger_version=None)
    with state.write() as connection:
        insert(connection, [row])
    with state.read() as connection:
        found = connection.execute(sa.select(predictions)).mappings().one()
    assert {name: found[name] for name in vars(row)} == vars(row)


def test_no_rows_is_no_error(state):
    with state.write() as connection:
        insert(connection, [])


def test_prediction_id_is_unique(state, make_prediction):
    with pytest.raises(sa.exc.IntegrityError), state.write() as connection:
        insert(connection, [make_prediction("p1"), make_prediction("p1")])


def test_known_ids_name_their_use_case(state, make_prediction):
    with state.write() as connection:
        insert(connection, [make_prediction("p1"), make_prediction("p2", use_case="delivery_time")])
        assert use_cases_of(connection, ["p1", "p2", "p3"]) == {"p1": "wine_quality", "p2": "delivery_time"}


def test_pairs_come_in_the_order_of_labels(state, make_prediction, at):
    with state.write() as connection:
        insert(connection, [make_prediction(f"p{n}", champion_value=n) for n in range(3)])
        for n in (2, 0, 1):
            feedback.record(connection, Event(f"p{n}", 6, at), "wine_quality")
        assert labelled_pairs(connection, "wine_quality", 1, 2) == [(2, 6, 6), (0, 6, 6), (1, 6, 6)]
        pairs = read_paired(connection, "wine_quality", 1, 2)
        assert read_paired(connection, "wine_quality", 1, 2, after=pairs[0].label_id) == pairs[1:]


def test_only_rows_both_versions_scored_make_pairs(state, make_prediction, at):
    rows = [
        make_prediction("paired"),
        make_prediction("alone", challenger_value=None),
        make_prediction("older", challenger_version=3),
        make_prediction("other", use_case="delivery_time"),
        make_prediction("unlabelled"),
    ]
    with state.write() as connection:
        insert(connection, rows)
        for row in rows[:-1]:
            feedback.record(connection, Event(row.prediction_id, 5, at), row.use_case)
        assert [pair.prediction_id for pair in read_paired(connection, "wine_quality", 1, 2)] == ["paired"]


def test_of_two_sources_the_later_event_is_the_label(state, make_prediction, at):
    with state.write() as connection:
        insert(connection, [make_prediction("p1")])
        feedback.record(connection, Event("p1", 7, at, at + timedelta(hours=1), "audit"), "wine_quality")
        feedback.record(connection, Event("p1", 4, at, at, "client"), "wine_quality")
        assert labelled_pairs(connection, "wine_quality", 1, 2) == [(5, 6, 7)]


def test_unpaired_evidence_is_the_answer_of_each_arm(state, make_prediction, at):
    with state.write() as connection:
        insert(connection, [make_prediction("p1"), make_prediction("p2", arm="B", champion_value=None, answered=6)])
        feedback.record(connection, Event("p2", 6, at), "wine_quality")
        feedback.record(connection, Event("p1", 4, at), "wine_quality")
        assert labelled_answers(connection, "wine_quality", 1, 2) == [("B", 6, 6), ("A", 5, 4)]


def test_counts_per_arm_and_phase(state, make_prediction, at):
    rows = [make_prediction("p1"), make_prediction("p2", arm="B"), make_prediction("p3", arm="B", phase=2)]
    with state.write() as connection:
        insert(connection, rows)
        feedback.record(connection, Event("p3", 6, at), "wine_quality")
        assert count_arms(connection, "wine_quality", 1, 2) == {"A": 1, "B": 2}
        assert count_arms(connection, "wine_quality", 1, 2, phase=2) == {"A": 0, "B": 1}
        assert count_arms(connection, "wine_quality", 1, None) == {"A": 0, "B": 0}
        assert count_labels(connection, "wine_quality", 1, 2) == {"A": 0, "B": 1}
