import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from resources.state import feedback
from resources.state.predictions import Prediction, labelled_pairs, predictions
from serving.errors import NotReadyError
from serving.prediction_log import PredictionLog

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def row(prediction_id: str) -> Prediction:
    return Prediction(prediction_id, "w", "u", "A", 1, 2, 5, 6, 5, {"alcohol": 9.4}, 1, NOON)


def stored(state) -> set[str]:
    with state.read() as connection:
        return set(connection.execute(sa.select(predictions.c.prediction_id)).scalars())


@pytest.fixture
def log(state):
    log = PredictionLog(state, lambda use_case, truth: int(truth))
    yield log
    log.close()


def test_rows_are_in_the_table_when_append_returns(log, state):
    log.append([row("p1"), row("p2")])
    assert stored(state) == {"p1", "p2"}


def test_many_threads_lose_nothing(log, state):
    def write(thread: int) -> None:
        for number in range(20):
            log.append([row(f"{thread}-{number}")])

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stored(state)) == 160
    assert log.depth() == 0


def test_a_row_the_database_refuses_is_an_error_of_its_request_only(log, state):
    log.append([row("p1")])
    with pytest.raises(NotReadyError, match="cannot be written: IntegrityError"):
        log.append([row("p1")])
    log.append([row("p2")])
    assert stored(state) == {"p1", "p2"}


def test_one_bad_request_does_not_spoil_its_neighbours(log, state):
    from concurrent.futures import Future

    waiting = [([row("p1")], Future()), ([row("p1")], Future()), ([row("p2")], Future())]
    log._commit(waiting)
    assert [done.exception() is None for _, done in waiting] == [True, False, True]
    assert stored(state) == {"p1", "p2"}


def test_truth_that_came_first_is_attached_with_its_prediction(log, state):
    with state.write() as connection:
        feedback.park(connection, feedback.Event("p1", "6", NOON))
    log.append([row("p1")])
    with state.read() as connection:
        assert labelled_pairs(connection, "w", 1, 2) == [(5, 6, 6)]


def test_truth_parked_beside_another_process_is_attached_later(log, state):
    log.append([row("p1")])
    assert log.attach_parked() == 0
    with state.write() as connection:
        feedback.park(connection, feedback.Event("p1", "6", NOON))
    assert log.attach_parked() == 1


def test_closing_writes_what_waits(state):
    log = PredictionLog(state, lambda use_case, truth: truth)
    log.append([row("p1")])
    log.close()
    assert stored(state) == {"p1"}
