"""The prediction log under killed processes, locked databases, full and failing disks, and a database that restarts."""

import getpass
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1] / "stage"))

import log_child
from log_child import answer

from resources.state import tables
from resources.state.database import State, metadata
from resources.state.predictions import predictions
from resources.state.truth import Truths
from serving.errors import NotReadyError
from serving.prediction_log import PredictionLog

pytestmark = pytest.mark.slow

CHILD = [sys.executable, log_child.__file__]
LIMIT_S = 30.0
HOLD = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE'); "
HOLD += "print('held', flush=True); sys.stdin.read()"


@pytest.fixture
def url(tmp_path) -> str:
    return make_database(tmp_path / "state.db")


def make_database(path: Path) -> str:
    state = State(f"sqlite:///{path}")
    assert tables.predictions
    metadata.create_all(state.engine)
    state.close()
    return state.url


class Child:
    """A process whose lines are read as they come."""

    def __init__(self, command: list[str]) -> None:
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.append(line.decode().strip())

    def told(self, word: str) -> list[str]:
        return [line.removeprefix(word).strip() for line in list(self.lines) if line.startswith(word)]

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def end(self) -> int:
        """Close its standard input and wait for it; its exit code."""
        self.process.stdin.close()
        code = self.process.wait(LIMIT_S)
        self._reader.join(LIMIT_S)
        self.process.stdout.close()
        return code


@contextmanager
def started(*command: str) -> Iterator[Child]:
    child = Child(list(command))
    try:
        yield child
    finally:
        if child.process.poll() is None:
            child.kill()


def wait_for(condition: Callable[[], object], seconds: float = LIMIT_S) -> None:
    pause, until = threading.Event(), time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not within {seconds} s"
        pause.wait(0.01)


def wait_for_more(found: list, count: int, seconds: float = LIMIT_S) -> None:
    before = len(found)
    wait_for(lambda: len(found) >= before + count, seconds)


def stored(url: str) -> list[str]:
    state = State(url)
    with state.read() as connection:
        found = list(connection.execute(sa.select(predictions.c.prediction_id)).scalars())
    state.close()
    return found


def integrity(url: str) -> str:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone()[0]


@pytest.mark.parametrize("mode", ["sync", "fsync"])
def test_a_killed_process_loses_no_acknowledged_row(url, mode):
    with started(*CHILD, url, mode, "4") as child:
        wait_for(lambda: len(child.told("ok")) > 100)
        child.kill()
    assert set(child.told("ok")) <= set(stored(url))
    assert integrity(url) == "ok"


def test_a_killed_process_loses_at_most_the_buffer_in_mode_async(url):
    buffer_rows = 20
    with started(*CHILD, url, "async", "4", str(buffer_rows)) as child:
        wait_for(lambda: len(child.told("ok")) > 200)
        child.kill()
    acknowledged = child.told("ok")
    assert len(set(acknowledged) - set(stored(url))) <= buffer_rows
    assert integrity(url) == "ok"


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_an_orderly_end_writes_everything(url, mode):
    with started(*CHILD, url, mode, "4") as child:
        wait_for(lambda: len(child.told("ok")) > 50)
        assert child.end() == 0
    assert set(child.told("ok")) == set(stored(url))
    assert float(child.told("closed")[0]) < 5


@pytest.fixture
def impatient(monkeypatch):
    """A log whose waits are a tenth of a second, so that a test of them is short."""
    for name in ("resources.state.log_writer.WAIT_S", "serving.prediction_log.WAIT_S", "serving.prediction_log.ROOM_S"):
        monkeypatch.setattr(name, 0.1)
    monkeypatch.setattr("serving.prediction_log.TURN_S", 0.2)


def test_while_others_hold_the_database_requests_wait_or_are_told_to_come_back(url, impatient):
    state, until = State(url), threading.Event()
    log = PredictionLog(state, Truths({}), buffer_rows=5)
    acknowledged, waited, depths, wrong = list[str](), list[float](), list[int](), list[Exception]()
    busy = threading.Event()

    def ask() -> None:
        while not until.wait(0.1):
            row, began = answer(), time.monotonic()
            try:
                log.append([row])
                acknowledged.append(row.prediction_id)
            except NotReadyError as error:
                assert error.retry_after_s
                busy.set()
            except Exception as error:  # noqa: BLE001 - any other error would be a 500
                wrong.append(error)
            waited.append(time.monotonic() - began)
            depths.append(log.waiting())

    asking = [threading.Thread(target=ask) for _ in range(10)]
    with started(sys.executable, "-c", HOLD, url.removeprefix("sqlite:///")) as holder:
        wait_for(lambda: holder.told("held"))
        for one in asking:
            one.start()
        wait_for(lambda: busy.is_set() and len(waited) > 40)
        holder.end()
    wait_for_more(acknowledged, 20)
    until.set()
    for one in asking:
        one.join()
    log.close()
    state.close()
    assert wrong == []
    assert max(waited) < 2
    assert max(depths) <= 5
    assert set(acknowledged) <= set(stored(url))


FULL = """
import os, sys
sys.path[:0] = [{stage!r}, {tests!r}]
from pathlib import Path
from log_child import answer, tell
from test_prediction_log import *
place = Path(sys.argv[1])
url = make_database(place / "state.db")
filler = place / "filler"
filler.write_bytes(bytes(2_500_000))
state = State(url)
log = PredictionLog(state, Truths({{}}), sync_s=0.02)
kept, refused = [], 0

def ask():
    global refused
    row = answer()
    try:
        log.append([row])
        kept.append(row.prediction_id)
        return True
    except NotReadyError:
        refused += 1
        return False

wait_for(lambda: not ask())
wait_for(lambda: not ask() and refused > 5)
filler.unlink()
wait_for(ask)
wait_for(lambda: ask() and len(kept) > 20)
log.close()
state.close()
tell("whole" if set(kept) <= set(stored(url)) and integrity(url) == "ok" else "torn")
"""


def test_a_full_disk_closes_the_log_until_there_is_room(tmp_path):
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("unshare -rm does not work here, so no small file system can be mounted")
    place = tmp_path / "small"
    place.mkdir()
    code = FULL.format(stage=str(Path(log_child.__file__).parent), tests=str(Path(__file__).parent))
    mount = 'mount -t tmpfs -o size=4m tmpfs "$1" && exec "$2" -c "$3" "$1"'
    with started("unshare", "-rm", "sh", "-c", mount, "sh", str(place), sys.executable, code) as child:
        wait_for(lambda: child.told("whole") or child.process.poll() is not None)
        assert child.end() == 0
    assert child.lines == ["whole"]


@pytest.mark.parametrize("mode", ["sync", "fsync"])
def test_a_disk_that_fails_closes_the_log_until_it_takes_rows_again(url, mode):
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed, so no sync can be made to fail")
    fail = [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-e",
        "inject=fsync,fdatasync:error=EIO:when=3..8",
        "-o",
        "/dev/null",
    ]
    with started(*fail, *CHILD, url, mode) as child:
        wait_for(lambda: child.told("busy"))
        before = len(child.told("ok"))
        wait_for(lambda: len(child.told("ok")) > before + 20)
        assert child.end() == 0
    told = "does not reach the disk" if mode == "sync" else "disk I/O error"
    assert any(told in line for line in child.told("busy"))
    assert set(child.told("ok")) <= set(stored(url))
    assert integrity(url) == "ok"


class Cluster:
    """A PostgreSQL of its own, on a Unix socket."""

    def __init__(self, folder: Path, owner: str | None) -> None:
        self.folder, self.owner, self.server = folder, owner, None
        make = ["initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "--no-sync"]
        subprocess.run(make, check=True, user=owner, cwd=folder, stdout=subprocess.DEVNULL)
        self.url = f"postgresql+psycopg://postgres@/postgres?host={folder}"

    def start(self) -> None:
        command = ["postgres", "-D", str(self.folder / "data"), "-k", str(self.folder), "-c", "listen_addresses="]
        with (self.folder / "log").open("ab") as log:
            self.server = subprocess.Popen(
                command, user=self.owner, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )
        wait_for(self.answers)

    def answers(self) -> bool:
        engine = sa.create_engine(self.url)
        try:
            engine.connect().close()
        except sa.exc.OperationalError:
            return False
        finally:
            engine.dispose()
        return True

    def kill(self) -> None:
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    if shutil.which("initdb") is None or shutil.which("postgres") is None:
        pytest.skip("PostgreSQL's initdb and postgres are not on the path")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # the path of a socket is short
    owner = "postgres" if getpass.getuser() == "root" else None  # its server refuses to run as root
    if owner is not None:
        shutil.chown(folder, owner)
    cluster = Cluster(folder, owner)
    cluster.start()
    yield cluster
    cluster.kill()
    shutil.rmtree(folder)


def test_a_database_that_dies_and_comes_back_has_every_acknowledged_row_once(cluster):
    state = State(cluster.url)
    metadata.create_all(state.engine)
    log = PredictionLog(state, Truths({}))
    acknowledged, refused, wrong = list[str](), list[Exception](), list[Exception]()
    until = threading.Event()

    def ask() -> None:
        while not until.wait(0.05):
            row = answer()
            try:
                log.append([row])
                acknowledged.append(row.prediction_id)
            except NotReadyError as error:
                refused.append(error)
            except Exception as error:  # noqa: BLE001 - any other error would be a 500
                wrong.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    for _ in range(2):
        wait_for_more(acknowledged, 10)
        cluster.kill()
        wait_for_more(refused, 3)
        cluster.start()
        wait_for_more(acknowledged, 1, seconds=5)
    until.set()
    asking.join()
    log.close()
    state.close()
    found = stored(cluster.url)
    assert wrong == []
    assert len(found) == len(set(found))
    assert set(acknowledged) <= set(found)
