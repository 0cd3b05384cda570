from datetime import timedelta

import pytest
import sqlalchemy as sa

from resources.state.predictions import insert
from resources.state.traffic import Counted, add_labels, phases, tally, traffic


def counters(state) -> dict:
    with state.read() as connection:
        rows = connection.execute(sa.select(traffic)).mappings().all()
    return {(row["phase"], row["arm"], row["challenger_version"]): dict(row) for row in rows}


def test_answers_are_counted_with_the_rows(state, make_prediction, at):
    later = at + timedelta(hours=1)
    with state.write() as connection:
        insert(connection, [make_prediction("p1", at=later), make_prediction("p2", arm="B", degraded=True)])
    with state.write() as connection:
        insert(connection, [make_prediction("p3"), make_prediction("p4", challenger_version=None)])
    found = counters(state)
    assert {key: (row["answers"], row["degraded"]) for key, row in found.items()} == {
        (1, "A", 2): (2, 0),
        (1, "B", 2): (1, 1),
        (1, "A", 0): (1, 0),
    }
    assert (found[1, "A", 2]["first_at"], found[1, "A", 2]["last_at"]) == (at, later)


def test_rows_that_are_rolled_back_are_not_counted(state, make_prediction):
    with pytest.raises(sa.exc.IntegrityError), state.write() as connection:
        insert(connection, [make_prediction("p1"), make_prediction("p1")])
    assert counters(state) == {}


def test_labels_come_and_go(state, make_prediction):
    with state.write() as connection:
        insert(connection, [make_prediction("p1"), make_prediction("p2", challenger_version=None)])
        add_labels(connection, [("wine_quality", 1, 2, 1, "A", 2), ("wine_quality", 1, None, 1, "A", 1)])
        add_labels(connection, [("wine_quality", 1, 2, 1, "A", -1)])
        add_labels(connection, [])
    assert {key: row["labels"] for key, row in counters(state).items()} == {(1, "A", 2): 1, (1, "A", 0): 1}


def test_counters_are_locked_in_one_order_whatever_the_order_of_the_rows(make_prediction):
    rows = [make_prediction(f"{arm}{phase}", arm=arm, phase=phase) for arm in "BA" for phase in (2, 1)]
    assert [value[:5] for value in tally(rows)] == sorted(value[:5] for value in tally(reversed(rows)))


def test_each_phase_of_a_pair_is_told_by_arm(state, make_prediction, at):
    later = at + timedelta(hours=1)
    rows = [make_prediction("a"), make_prediction("b", arm="B", phase=2, at=later), make_prediction("c", phase=2)]
    with state.write() as connection:
        insert(connection, [*rows, make_prediction("d", challenger_version=9)])
        add_labels(connection, [("wine_quality", 1, 2, 2, "B", 1)])
        assert phases(connection, "wine_quality", 1, 2) == [
            Counted(1, "A", 1, 0, at, at),
            Counted(2, "A", 1, 0, at, at),
            Counted(2, "B", 1, 1, later, later),
        ]
