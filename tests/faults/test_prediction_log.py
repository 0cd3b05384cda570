"""The prediction log under killed processes and a database that others lock."""

import sys
import threading

import pytest
from log_child import answer
from logged import CHILD, integrity, make_database, started, stored, wait_for_more
from patience import wait_until

from resources.state.database import State
from resources.state.truth import Truths
from serving.errors import NotReadyError
from serving.prediction_log import PredictionLog

pytestmark = pytest.mark.slow

HOLD = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE'); "
HOLD += "print('held', flush=True); sys.stdin.read()"


@pytest.fixture
def url(tmp_path) -> str:
    return make_database(tmp_path / "state.db")


@pytest.mark.parametrize("mode", ["sync", "fsync"])
def test_a_killed_process_loses_no_acknowledged_row(url, mode):
    with started(*CHILD, url, mode, "4") as child:
        wait_until(lambda: len(child.told("ok")) > 100)
        child.kill()
    assert set(child.told("ok")) <= set(stored(url))
    assert integrity(url) == "ok"


def test_a_killed_process_loses_at_most_the_buffer_in_mode_async(url):
    buffer_rows = 20
    with started(*CHILD, url, "async", "4", str(buffer_rows)) as child:
        wait_until(lambda: len(child.told("ok")) > 200)
        child.kill()
    acknowledged = child.told("ok")
    assert len(set(acknowledged) - set(stored(url))) <= buffer_rows
    assert integrity(url) == "ok"


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_an_orderly_end_writes_everything(url, mode):
    with started(*CHILD, url, mode, "4") as child:
        wait_until(lambda: len(child.told("ok")) > 50)
        assert child.end() == 0
    assert set(child.told("ok")) == set(stored(url))


@pytest.fixture
def impatient(monkeypatch):
    """A log whose waits are a tenth of a second, so that a test of them is short."""
    for name in ("resources.state.log_writer.WAIT_S", "serving.prediction_log.WAIT_S", "serving.prediction_log.ROOM_S"):
        monkeypatch.setattr(name, 0.1)
    monkeypatch.setattr("serving.prediction_log.TURN_S", 0.2)


def test_while_others_hold_the_database_requests_wait_or_are_told_to_come_back(url, impatient):
    state, until = State(url), threading.Event()
    log = PredictionLog(state, Truths({}), buffer_rows=5)
    acknowledged, depths, wrong = list[str](), list[int](), list[Exception]()
    busy = threading.Event()

    def ask() -> None:
        while not until.wait(0.1):
            row = answer()
            try:
                log.append([row])
                acknowledged.append(row.prediction_id)
            except NotReadyError as error:
                assert error.retry_after_s
                busy.set()
            except Exception as error:  # noqa: BLE001 - any other error would be a 500
                wrong.append(error)
            depths.append(log.waiting())

    asking = [threading.Thread(target=ask) for _ in range(10)]
    with started(sys.executable, "-c", HOLD, url.removeprefix("sqlite:///")) as holder:
        wait_until(lambda: holder.told("held"))
        for one in asking:
            one.start()
        wait_until(lambda: busy.is_set() and len(depths) > 40)
        holder.end()
    wait_for_more(acknowledged, 20)
    until.set()
    for one in asking:
        one.join()
    log.close()
    state.close()
    assert wrong == []
    assert max(depths) <= 5
    assert set(acknowledged) <= set(stored(url))
