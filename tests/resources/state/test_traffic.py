from datetime import timedelta

import pytest
import sqlalchemy as sa

from resources.state.predictions import insert
from resources.state.traffic import Counted, add_labels, count_answers, phases, traffic
from resources.state.units import forget_units


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
    rows = [
        make_prediction(f"{arm}{phase}{unit}", arm=arm, phase=phase, unit_id=unit)
        for arm in "BA"
        for phase in (2, 1)
        for unit in "ba"
    ]
    said = []
    for some in (rows, rows[::-1]):
        count_answers(some, lambda statement, values: said.append(values) or len(values))
    assert said[:5] == said[5:]
    assert all(list(values) == sorted(values) for values in said)


def units_of(state) -> dict:
    with state.read() as connection:
        return {(one.phase, one.arm): one.units for one in phases(connection, "wine_quality", 1, 2)}


def test_a_unit_counts_once_in_each_phase_however_often_it_asks(state, make_prediction):
    for batch in ("ab", "cd"):
        with state.write() as connection:
            insert(connection, [make_prediction(one, unit_id="mary") for one in batch])
    with state.write() as connection:
        insert(connection, [make_prediction("e", unit_id="paul", arm="B"), make_prediction("f", unit_id="f", arm="B")])
        insert(connection, [make_prediction("g", unit_id="mary", phase=2)])
    assert units_of(state) == {(1, "A"): 1, (1, "B"): 2, (2, "A"): 1}


def test_units_of_a_running_experiment_stay_known(state, make_prediction):
    rows = [make_prediction(f"p{version}", unit_id="mary", challenger_version=version) for version in (2, 3)]
    with state.write() as connection:
        insert(connection, rows)
        forget_units(connection, "wine_quality", (1, 2))
        insert(connection, [row._replace(prediction_id=f"q{row.challenger_version}") for row in rows])
        assert [one.units for one in phases(connection, "wine_quality", 1, 2)] == [1]
        assert [one.units for one in phases(connection, "wine_quality", 1, 3)] == [2]


def test_each_phase_of_a_pair_is_told_by_arm(state, make_prediction, at):
    later = at + timedelta(hours=1)
    rows = [make_prediction("a"), make_prediction("b", unit_id="b", arm="B", phase=2, at=later)]
    rows.append(make_prediction("c", phase=2))
    with state.write() as connection:
        insert(connection, [*rows, make_prediction("d", challenger_version=9)])
        add_labels(connection, [("wine_quality", 1, 2, 2, "B", 1)])
        assert phases(connection, "wine_quality", 1, 2) == [
            Counted(1, "A", 1, 0, 1, at, at),
            Counted(2, "A", 1, 0, 1, at, at),
            Counted(2, "B", 1, 1, 1, later, later),
        ]
