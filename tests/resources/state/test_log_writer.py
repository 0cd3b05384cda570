import threading

import pytest
import sqlalchemy as sa

from mlops_assets.use_cases.load import load_use_cases
from resources.state import log_writer
from resources.state.database import State
from resources.state.feedback import Event, record_many
from resources.state.labelling import find_known
from resources.state.labels import newest_label
from resources.state.log_writer import Line, LogWriteError, LogWriter
from resources.state.predictions import count_arms, encode, predictions
from resources.state.traffic import phases
from resources.state.truth import Truths


@pytest.fixture
def writer(state):
    own = State(state.url, busy_timeout=50)
    writer = LogWriter(own)
    yield writer
    writer.close()
    own.close()


def append(writer, *rows):
    writer.append(rows, encode(rows))


def stored(state) -> list[str]:
    with state.read() as connection:
        return list(connection.execute(sa.select(predictions.c.prediction_id).order_by(predictions.c.id)).scalars())


def test_rows_are_committed_and_counted(writer, state, make_prediction):
    append(writer, make_prediction("p1"), make_prediction("p2", arm="B"))
    append(writer, make_prediction("p3"))
    assert stored(state) == ["p1", "p2", "p3"]
    with state.read() as connection:
        assert count_arms(connection, "wine_quality", 1, 2) == {"A": 2, "B": 1}


def test_a_unit_whose_rows_were_refused_is_met_the_next_time(writer, state, make_prediction):
    append(writer, make_prediction("p1", unit_id="mary"))
    with pytest.raises(LogWriteError):
        append(writer, make_prediction("p2", unit_id="paul"), make_prediction("p1", unit_id="paul"))
    append(writer, make_prediction("p3", unit_id="paul"), make_prediction("p4", unit_id="mary"))
    with state.read() as connection:
        assert [(one.answers, one.units) for one in phases(connection, "wine_quality", 1, 2)] == [(3, 2)]


def test_only_so_many_units_are_remembered(writer, state, make_prediction, monkeypatch):
    monkeypatch.setattr(log_writer, "MET_MAX", 2)
    for at, unit in enumerate("abcab"):
        append(writer, make_prediction(f"p{at}", unit_id=unit))
        assert len(writer._met) <= 2
    with state.read() as connection:
        assert [one.units for one in phases(connection, "wine_quality", 1, 2)] == [3]


def test_refused_rows_are_not_half_there_and_the_next_ones_are_taken(writer, state, make_prediction):
    append(writer, make_prediction("p1"))
    with pytest.raises(LogWriteError) as caught:
        append(writer, make_prediction("p2"), make_prediction("p1"))
    assert caught.value.refused
    append(writer, make_prediction("p3"))
    assert stored(state) == ["p1", "p3"]
    with state.read() as connection:
        assert count_arms(connection, "wine_quality", 1, 2) == {"A": 2, "B": 0}


def test_a_connection_that_was_closed_is_opened_again(writer, state, make_prediction):
    append(writer, make_prediction("p1"))
    writer._connection.close()
    append(writer, make_prediction("p2"))
    assert stored(state) == ["p1", "p2"]


def test_rows_committed_by_a_connection_that_was_lost_with_the_answer_are_not_written_twice(
    writer, state, make_prediction, monkeypatch
):
    commit = writer._commit

    def lose_the_answer(rows, values):
        monkeypatch.setattr(writer, "_commit", commit)
        commit(rows, values)
        writer._connection.close()
        commit(rows, values)  # raises what a lost connection raises

    monkeypatch.setattr(writer, "_commit", lose_the_answer)
    append(writer, make_prediction("p1"))
    assert stored(state) == ["p1"]


def test_a_database_that_others_lock_is_out_of_reach_not_refusing(state, make_prediction, monkeypatch):
    monkeypatch.setattr(log_writer, "WAIT_S", 0.1)
    own = State(state.url, busy_timeout=50)
    writer = LogWriter(own)
    with state.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE predictions IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(LogWriteError) as caught:
            append(writer, make_prediction("p1"))
    assert not caught.value.refused
    append(writer, make_prediction("p2"))
    writer.close()
    own.close()
    assert stored(state) == ["p2"]


def test_writers_of_a_sqlite_file_stand_in_line(state):
    if state.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL lets them write side by side")
    first, second = Line(state), Line(state)
    entered = threading.Event()

    def enter() -> None:
        with second:
            entered.set()

    with first:
        waiting = threading.Thread(target=enter)
        waiting.start()
        assert not entered.wait(0.05)
    assert entered.wait(300)
    waiting.join()
    first.close()
    second.close()


def test_late_values_are_filled_in_and_a_value_that_is_there_stays(writer, state, make_prediction):
    append(writer, *(make_prediction(f"p{n}", challenger_value=None) for n in range(100)), make_prediction("full"))
    writer.fill("challenger", [*((f"p{n}", n) for n in range(100)), ("full", 9), ("unknown", 9)])
    with state.read() as connection:
        found = dict(connection.execute(sa.select(predictions.c.prediction_id, predictions.c.challenger_value)).all())
    assert found == {f"p{n}": n for n in range(100)} | {"full": 6}


def test_a_label_that_came_before_the_late_value_is_read_again(writer, state, make_prediction, at):
    append(writer, make_prediction("p1", challenger_value=None))
    with state.write() as connection:
        record_many(connection, [Event("p1", 6, at)], find_known(connection, ["p1"]), Truths(load_use_cases()))
        before = newest_label(connection, "wine_quality", 1, 2)
    writer.fill("challenger", [("p1", 6)])
    with state.read() as connection:
        assert newest_label(connection, "wine_quality", 1, 2) > before > 0
