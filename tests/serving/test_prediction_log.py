import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from mlops_assets.use_cases.load import load_use_cases
from resources.state import parking
from resources.state.feedback import Event
from resources.state.labels import labelled_pairs
from resources.state.log_writer import LogWriteError
from resources.state.prediction import Prediction
from resources.state.predictions import count_arms, predictions
from resources.state.truth import Truths
from serving.errors import NotReadyError
from serving.prediction_log import PredictionLog

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODES = ("sync", "fsync", "async")


def row(prediction_id: str) -> Prediction:
    return Prediction(prediction_id, "wine_quality", "u", "A", 1, 2, 5, 6, 5, {"alcohol": 9.4}, 1, NOON)


def stored(state) -> set[str]:
    with state.read() as connection:
        return set(connection.execute(sa.select(predictions.c.prediction_id)).scalars())


@pytest.fixture
def open_log(state):
    opened = []

    def open_one(**options) -> PredictionLog:
        opened.append(PredictionLog(state, Truths(load_use_cases()), **options))
        return opened[-1]

    yield open_one
    for log in opened:
        log.close()


@pytest.fixture
def log(open_log):
    return open_log()


@contextmanager
def held(log):
    """The log while a group of it is being committed that does not end."""
    begun, until, whole = threading.Event(), threading.Event(), log._writer.append

    def wait(*given):
        begun.set()
        assert until.wait(300)
        log._writer.append = whole
        whole(*given)

    log._writer.append = wait
    leader = threading.Thread(target=log.append, args=([row("leader")],))
    leader.start()
    assert begun.wait(300)
    yield
    until.set()
    leader.join()


class UnreachableError(Exception):
    """What a driver says."""


def out_of_reach(*_):
    raise LogWriteError(UnreachableError("the server is away"), refused=False)


@pytest.mark.parametrize("mode", ["sync", "fsync"])
def test_rows_are_in_the_table_when_append_returns(open_log, state, mode):
    open_log(mode=mode).append([row("p1"), row("p2")])
    assert stored(state) == {"p1", "p2"}


@pytest.mark.parametrize(("mode", "synchronous"), [("sync", 1), ("fsync", 2), ("async", 1)])
def test_only_mode_fsync_waits_for_the_disk_at_each_commit(open_log, mode, synchronous):
    log = open_log(mode=mode)
    log.append([row("p1")])
    log._flush()
    assert log._writer._connection.execute("PRAGMA synchronous").fetchone() == (synchronous,)  # 1 NORMAL, 2 FULL


@pytest.mark.parametrize("mode", MODES)
def test_many_threads_lose_nothing(open_log, state, mode):
    log = open_log(mode=mode)

    def write(thread: int) -> None:
        for number in range(20):
            log.append([row(f"{thread}-{number}")])

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    assert len(stored(state)) == 160
    assert log.waiting() == 0
    with state.read() as connection:
        assert count_arms(connection, "wine_quality", 1, 2) == {"A": 160, "B": 0}


def test_rows_that_wait_while_another_commits_share_one_transaction(log, state):
    threads = [threading.Thread(target=log.append, args=([row(f"p{number}")],)) for number in range(5)]
    with held(log):
        for thread in threads:
            thread.start()
        while log.waiting() < 6:
            threading.Event().wait(0.001)
    for thread in threads:
        thread.join()
    assert log.commits == 2
    assert len(stored(state)) == 6


def test_a_row_the_database_refuses_is_an_error_of_its_request_only(log, state):
    log.append([row("p1")])
    with pytest.raises(NotReadyError, match=r"cannot be written: (IntegrityError|UniqueViolation)"):
        log.append([row("p1")])
    log.append([row("p2")])
    assert stored(state) == {"p1", "p2"}
    assert log.waiting() == 0


def test_one_bad_request_does_not_spoil_its_neighbours(log, state):
    errors = log.append_each([[row("p1")], [row("p1")], [row("p2")]])
    assert [error is None for error in errors] == [True, False, True]
    assert stored(state) == {"p1", "p2"}
    with state.read() as connection:
        assert count_arms(connection, "wine_quality", 1, 2) == {"A": 2, "B": 0}


def test_beyond_the_buffer_requests_are_refused(open_log, monkeypatch):
    monkeypatch.setattr("serving.prediction_log.ROOM_S", 0.01)
    log = open_log(buffer_rows=3)
    waiting = threading.Thread(target=log.append, args=([row("p1"), row("p2")],))
    with held(log):
        waiting.start()
        while log.waiting() < 3:
            threading.Event().wait(0.001)
        with pytest.raises(NotReadyError, match="3 rows wait for the prediction log already") as refused:
            log.append([row("p3")])
        assert refused.value.retry_after_s is not None
    waiting.join()
    assert log.waiting() == 0


@pytest.mark.parametrize("mode", MODES)
def test_a_request_larger_than_the_buffer_is_committed_before_its_answer(open_log, state, mode):
    open_log(mode=mode, buffer_rows=2).append([row(f"p{number}") for number in range(5)])
    assert len(stored(state)) == 5


def test_a_request_that_waits_too_long_for_its_turn_is_withdrawn(log, state, monkeypatch):
    monkeypatch.setattr("serving.prediction_log.TURN_S", 0.01)
    with held(log), pytest.raises(NotReadyError, match="too slow at the moment"):
        log.append([row("p1")])
    log.append([row("p2")])
    assert stored(state) == {"leader", "p2"}
    assert log.waiting() == 0


def test_async_rows_wait_for_a_database_that_is_away(open_log, state):
    log = open_log(mode="async", buffer_rows=2)
    log._writer = SimpleNamespace(append=out_of_reach, close=log._writer.close, commit=log._writer.append)
    log.append([row("p1")])
    log.append([row("p2")])
    with pytest.raises(NotReadyError, match="2 rows wait"):
        log.append([row("p3")])
    log._writer.append = log._writer.commit
    log.close()
    assert stored(state) == {"p1", "p2"}
    assert log.lost == 0


def test_async_rows_that_the_database_refuses_are_counted_as_lost(open_log, state):
    log = open_log(mode="async")
    log.append([row("p1")])
    log.append([row("p1")])
    log.close()
    assert stored(state) == {"p1"}
    assert log.lost == 1


def test_a_disk_that_refuses_makes_the_log_refuse_until_it_takes_rows_again(open_log, monkeypatch):
    log = open_log(sync_s=60)
    log.append([row("p1")])
    with monkeypatch.context() as broken:
        broken.setattr("os.fdatasync", lambda file: (_ for _ in ()).throw(OSError(5, "Input/output error")))
        with pytest.raises(OSError, match="Input/output error"):
            log._disk.run()
        with pytest.raises(NotReadyError, match=r"does not reach the disk: OSError.*Input/output error"):
            log.append([row("p2")])
    log._disk.run()
    log.append([row("p3")])


def test_a_disk_that_hangs_makes_the_log_refuse(open_log, monkeypatch):
    log = open_log(sync_s=60)
    log.append([row("p1")])
    monkeypatch.setattr("resources.state.disk_sync.LATE_S", 0.0)
    with pytest.raises(NotReadyError, match="the disk has taken nothing"):
        log.append([row("p2")])


def test_truth_that_came_first_is_attached_by_the_next_look(log, state):
    with state.write() as connection:
        parking.park(connection, [Event("p1", "6", NOON)])
    assert log.attach_parked() == 0
    log.append([row("p1")])
    assert log.attach_parked() == 1
    with state.read() as connection:
        assert labelled_pairs(connection, "wine_quality", 1, 2) == [(5, 6, 6)]


def test_the_value_of_the_other_version_is_filled_in_once(log, state):
    log.append([row("p1")._replace(challenger_value=None)])
    log.fill("challenger", [("p1", 7), ("unknown", 7)])
    log.fill("challenger", [("p1", 8)])
    with state.read() as connection:
        assert connection.execute(sa.select(predictions.c.challenger_value)).scalars().all() == [7]
