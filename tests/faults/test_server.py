"""Workers die, the router is told to stop or to reload, clients drip, requests are ambiguous: over real sockets."""

import http.client
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import psutil
import pytest
import sqlalchemy as sa
from patience import PATIENCE_S, wait_until
from ports import free_port
from real_router import ANSWER_S, build_home, is_ready, router

from resources.state.database import State
from resources.state.predictions import predictions
from serving.api.predict import WINE

pytestmark = pytest.mark.slow

BODY = orjson.dumps({"features": WINE})
TARGET = "/use-cases/wine_quality/predictions"
HEAD = f"POST {TARGET} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Iterator[Path]:
    yield build_home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def port() -> int:
    return free_port()


@dataclass
class Load:
    """What clients saw: ids of good answers, statuses of others, connections that broke after the request was sent."""

    ids: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    refused: int = 0
    broken: int = 0

    def ask(self, port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)
        try:
            connection.connect()
        except OSError:
            self.refused += 1
            return
        try:
            connection.request("POST", TARGET, BODY, {"Content-Type": "application/json", "Connection": "close"})
            answer = connection.getresponse()
            said = answer.read()
            if answer.status == 200:
                self.ids.append(orjson.loads(said)["prediction_id"])
            else:
                self.statuses.append(answer.status)
        except (OSError, http.client.HTTPException):
            self.broken += 1
        finally:
            connection.close()

    def wait_for_more(self, count: int) -> None:
        """Return when so many more were answered well."""
        wanted = len(self.ids) + count
        wait_until(lambda: len(self.ids) >= wanted)


CLIENTS, PAUSE_S = 16, 0.15


@contextmanager
def under_load(port: int) -> Iterator[Load]:
    """Clients that ask again and again, each time on a connection of their own, until the block ends."""
    load, until = Load(), threading.Event()

    def ask() -> None:
        while not until.wait(PAUSE_S):
            load.ask(port)

    clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        yield load
    finally:
        until.set()
        for client in clients:
            client.join()


def logged(home: Path) -> set[str]:
    state = State(f"sqlite:///{home / 'state.db'}")
    with state.read() as connection:
        found = set(connection.execute(sa.select(predictions.c.prediction_id)).scalars())
    state.close()
    return found


def test_every_answer_is_in_the_log_whatever_worker_is_killed(home, port):
    with router(home, port, MLOPS_ROUTER_WORKERS="2") as process:
        killed: set[int] = set()
        with under_load(port) as load:
            for _ in range(3):
                load.wait_for_more(50)
                workers = [one for one in psutil.Process(process.pid).children() if one.pid not in killed]
                oldest = min(workers, key=psutil.Process.create_time)
                oldest.kill()
                killed.add(oldest.pid)
            load.wait_for_more(50)
        wait_until(lambda: is_ready(port))
        assert process.poll() is None
    assert load.statuses == []
    assert set(load.ids) <= logged(home)


def test_who_was_let_in_is_answered_when_the_router_is_told_to_stop(home, port):
    with router(home, port) as process, under_load(port) as load:
        load.wait_for_more(40)
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
    assert process.returncode == 0
    assert (load.broken, load.statuses) == (0, [])
    assert set(load.ids) <= logged(home)


def test_a_reload_costs_no_request(home, port):
    with router(home, port) as process:
        before = {worker.pid for worker in psutil.Process(process.pid).children()}
        with under_load(port) as load:
            load.wait_for_more(20)
            process.send_signal(signal.SIGHUP)
            wait_until(lambda: before.isdisjoint(worker.pid for worker in psutil.Process(process.pid).children()))
            load.wait_for_more(20)
    assert (load.refused, load.broken, load.statuses) == (0, 0, [])


@pytest.fixture(scope="module")
def shared_port(home) -> Iterator[int]:
    port = free_port()
    with router(home, port):
        yield port


@pytest.mark.parametrize("half", [b"POST /predict HTTP/1.1\r\nX-", HEAD.encode() + b"Content-Length: 5000\r\n\r\n{"])
def test_clients_that_drip_keep_nobody_from_being_answered(shared_port, half):
    with ExitStack() as stack:
        address = ("127.0.0.1", shared_port)
        sockets = [stack.enter_context(socket.create_connection(address)) for _ in range(100)]
        for one in sockets:
            one.sendall(half)
        assert is_ready(shared_port)
        assert all(map(is_open, sockets))  # none of them was hung up on for it
        for _ in range(20):
            for one in sockets:
                with suppress(OSError):  # the router hangs up on those that take too long
                    one.send(b"a")
            assert is_ready(shared_port)


def is_open(client: socket.socket) -> bool:
    """True while the other side has neither answered nor hung up."""
    try:
        client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return True
    return False


AMBIGUOUS = {
    "two lengths": HEAD + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "length and chunks": HEAD
    + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\n\r\n",
    "chunks and length": HEAD
    + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\n\r\n",
    "chunked twice": HEAD + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\n\r\n",
    "chunked and unknown": HEAD + "Transfer-Encoding: chunked, nothing\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\n\r\n",
    "a length with a sign": HEAD + "Content-Length: +5\r\n\r\nhello",
    "a length with a blank inside": HEAD + "Content-Length: 1 2\r\n\r\nhello",
    "a name with a blank": HEAD + "Content-Length : 5\r\n\r\nhello",
    "a folded header": HEAD + "X-Long: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    "a NUL in a header": HEAD + "X-Nul: a\x00b\r\nContent-Length: 0\r\n\r\n",
    "no host": f"POST {TARGET} HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
    "a chunk size that is none": HEAD + "Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_request_with_two_readings_gets_no_second_answer(shared_port, name):
    with socket.create_connection(("127.0.0.1", shared_port), timeout=3) as client:
        client.sendall(AMBIGUOUS[name].encode("latin-1"))
        said = b""
        try:
            while block := client.recv(65536):
                said += block
        except (TimeoutError, ConnectionResetError):
            pass
    assert said.count(b"HTTP/1.1 ") <= 1, said
    assert not said or said.startswith(b"HTTP/1.1 4"), said
    assert is_ready(shared_port)
