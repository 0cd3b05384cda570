import os
import sqlite3
import threading

import pytest

from resources.state import disk_sync
from resources.state.database import State, metadata
from resources.state.disk_sync import DiskSync
from resources.state.log_writer import LogWriter, own_connection
from resources.state.predictions import encode


@pytest.fixture
def state(tmp_path):
    state = State(f"sqlite:///{tmp_path / 'state.db'}", synchronous="NORMAL", wal_autocheckpoint=0)
    metadata.create_all(state.engine)
    connection = own_connection(state)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    yield state
    state.close()


@pytest.fixture
def disk(state):
    disk = DiskSync(state)
    yield disk
    disk.close()


@pytest.fixture
def commit(state, disk, make_prediction):
    writer = LogWriter(state)

    def commit_some(count: int = 1) -> None:
        for _ in range(count):
            row = make_prediction(os.urandom(8).hex())
            writer.append([row], encode([row]))
            disk.committed()

    yield commit_some
    writer.close()


def fail(*_):
    raise OSError(5, "Input/output error")


def copied_rows(state, tmp_path) -> int:
    """Rows in the database file alone, without its write-ahead log."""
    copy = tmp_path / "copy.db"
    copy.write_bytes((tmp_path / "state.db").read_bytes())
    with sqlite3.connect(copy) as connection:
        return connection.execute("SELECT count(*) FROM predictions").fetchone()[0]


def test_nothing_is_synced_where_nothing_was_committed(disk, monkeypatch):
    monkeypatch.setattr("os.fdatasync", fail)
    disk.run()
    assert disk.problem() is None


def test_what_was_committed_is_synced_once(disk, commit, monkeypatch):
    synced = []
    monkeypatch.setattr("os.fdatasync", synced.append)
    commit(3)
    disk.run()
    disk.run()
    assert len(synced) == 1


def test_a_failed_sync_is_a_problem_until_one_succeeds_that_wrote_everything_again(
    disk, commit, state, tmp_path, monkeypatch
):
    commit(3)
    with monkeypatch.context() as broken:
        broken.setattr("os.fdatasync", fail)
        for _ in range(2):
            with pytest.raises(OSError, match="Input/output error"):
                disk.run()
            assert "Input/output error" in disk.problem()
    assert copied_rows(state, tmp_path) == 0
    disk.run()
    assert disk.problem() is None
    assert copied_rows(state, tmp_path) == 3


def test_a_reader_in_the_way_of_writing_everything_again_keeps_the_problem(disk, commit, state, monkeypatch):
    commit()
    with monkeypatch.context() as broken:
        broken.setattr("os.fdatasync", fail)
        with pytest.raises(OSError, match="Input/output error"):
            disk.run()
    with state.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM predictions")
        commit()
        with pytest.raises(OSError, match="a reader keeps"):
            disk.run()
    disk.run()
    assert disk.problem() is None


def test_a_sync_that_is_late_is_a_problem(disk, commit, monkeypatch):
    monkeypatch.setattr(disk_sync, "LATE_S", 0.0)
    assert disk.problem() is None
    commit()
    assert "has taken nothing" in disk.problem()


def test_the_write_ahead_log_is_folded_in_behind_the_requests(disk, commit, state, tmp_path):
    commit(disk_sync.CHECKPOINT_COMMITS)
    disk.run()
    assert copied_rows(state, tmp_path) == disk_sync.CHECKPOINT_COMMITS


def test_the_write_ahead_log_starts_anew_under_constant_load(disk, commit, tmp_path, monkeypatch):
    monkeypatch.setattr(disk_sync, "WAL_PAGES_MAX", 500)
    load = threading.Thread(target=commit, args=(6000,))
    load.start()
    while load.is_alive():
        disk.run()
    load.join()
    assert (tmp_path / "state.db-wal").stat().st_size < 6000 * 2 * 4096  # without, nearly four pages a commit
