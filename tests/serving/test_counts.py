import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from limits.errors import StorageError

from serving import counts
from serving.counts import SqliteCounts


@pytest.fixture
def now(monkeypatch):
    moment = [1000.0]
    monkeypatch.setattr(counts.time, "time", lambda: moment[0])
    return moment


@pytest.fixture
def open_counts(tmp_path):
    return lambda: SqliteCounts(f"sqlite://{tmp_path / 'run' / 'counts.db'}")


def test_two_workers_count_together(open_counts):
    first, second = open_counts(), open_counts()
    given = [first.incr("a", 60), second.incr("a", 60), first.incr("b", 60), second.incr("a", 60, 5)]
    assert given == [1, 2, 1, 7]
    assert (first.get("a"), second.get("b"), first.get("c")) == (7, 1, 0)


def test_no_increment_is_lost_among_threads(open_counts, monkeypatch):
    monkeypatch.setattr(counts, "BUSY_TIMEOUT_S", 300.0)
    storage, other = open_counts(), open_counts()
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda number: (storage if number % 2 else other).incr("a", 60), range(400)))
    assert sorted(given) == list(range(1, 401))


def test_a_count_begins_again_when_its_time_is_over(open_counts, now):
    storage = open_counts()
    storage.incr("a", 60)
    now[0] = 1059.9
    assert (storage.incr("a", 60), storage.get_expiry("a")) == (2, 1060.0)
    now[0] = 1060.0
    assert (storage.get("a"), storage.get_expiry("a")) == (0, 1060.0)
    assert (storage.incr("a", 60), storage.get_expiry("a")) == (1, 1120.0)


def test_counts_that_are_over_leave_the_file(open_counts, now, tmp_path):
    storage = open_counts()
    for number in range(10):
        storage.incr(f"{number}", 60)
    now[0] = 1061.0
    storage.incr("a", 60)
    with sqlite3.connect(tmp_path / "run" / "counts.db") as connection:
        assert connection.execute("SELECT key FROM counts").fetchall() == [("a",)]
    connection.close()


def test_counts_can_be_forgotten(open_counts):
    storage = open_counts()
    storage.incr("a", 60)
    storage.incr("b", 60)
    storage.clear("a")
    assert (storage.get("a"), storage.reset(), storage.check()) == (0, 1, True)


def test_a_lost_file_is_an_error_of_the_library(open_counts):
    storage = open_counts()
    storage._connection.close()
    with pytest.raises(StorageError):
        storage.incr("a", 60)
