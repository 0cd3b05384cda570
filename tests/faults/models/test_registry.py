"""A registry that is down, or comes and goes, or has lost an alias: the router serves on."""

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from patience import wait_until
from ports import free_port
from stages import NAME, WINE, ask

from resources.registry import Registry
from serving import metrics
from serving.app import create_app
from serving.router import FOLLOW_HTTP, open_router

pytestmark = pytest.mark.slow

ASKED_MAX = 4  # each of two aliases, once more after a failure; MLflow by itself would ask each eight times


@pytest.fixture
def impatient(monkeypatch) -> None:
    """MLflow's client as the router sets it."""
    for name, value in FOLLOW_HTTP.items():
        monkeypatch.setenv(name, value)


@contextmanager
def resetting() -> Iterator[tuple[int, list[socket.socket]]]:
    """A port whose every connection is reset, and those that were."""
    callers: list[socket.socket] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as door:

        def reset_all() -> None:
            while True:
                try:
                    caller, _ = door.accept()
                except OSError:
                    return
                callers.append(caller)
                reset(caller)

        threading.Thread(target=reset_all, daemon=True).start()
        yield int(door.getsockname()[1]), callers


def reset(caller: socket.socket) -> None:
    """Close a connection so that its other side sees an error."""
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    caller.close()


def test_a_router_starts_degraded_from_its_copies_while_the_registry_is_away(served, stage, impatient):
    with resetting() as (port, callers):
        away = Registry(f"http://127.0.0.1:{port}", str(stage.folder))
        router = open_router(stage.use_cases, stage.state, stage.models(registry=away))
        answer = create_app(router).test_client().post("/predict", json={"use_case": NAME, "features": WINE})
        asked = len(callers)
    assert asked <= ASKED_MAX
    assert (answer.status_code, answer.json["version"], answer.json["degraded"]) == (200, 1, True)
    router.close()


def test_a_router_without_copies_waits_for_the_registry_and_says_so(stage, impatient):
    away = Registry(f"http://127.0.0.1:{free_port()}", str(stage.folder))
    router = open_router(stage.use_cases, stage.state, stage.models(registry=away), poll_s=0.01)
    router.start()
    client = create_app(router).test_client()
    wait_until(lambda: "no MLflow server answers" in router.models.of(NAME).problems.get("registry", ""))
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 503
    answer = client.post("/predict", json={"use_case": NAME, "features": WINE})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "wine_quality has no champion yet" in answer.json["detail"]
    router.close()


class Alias(BaseHTTPRequestHandler):
    """As much of MLflow's registry as a router asks: version 1 is champion, nothing is challenger."""

    def do_GET(self) -> None:
        found = "alias=champion" in self.path
        version = {"name": NAME, "version": "1", "source": "", "tags": [], "aliases": ["champion"]}
        error = {"error_code": "INVALID_PARAMETER_VALUE", "message": "Registered model alias challenger not found."}
        body = json.dumps({"model_version": version} if found else error).encode()
        self.send_response(200 if found else 400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def flapping(port: int, delay_s: float) -> Iterator[int]:
    """A port before another one: of four connections two in a row are reset, the others are answered late."""
    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        threading.Thread(target=_flap, args=(door, port, delay_s), daemon=True).start()
        yield int(door.getsockname()[1])


def _flap(door: socket.socket, port: int, delay_s: float) -> None:
    pause, count = threading.Event(), 0
    while True:
        try:
            caller, _ = door.accept()
        except OSError:
            return
        count += 1
        if count % 4 in (1, 2):  # a client that tries twice has lost, and the next time it has not
            reset(caller)
            continue
        with caller, socket.create_connection(("127.0.0.1", port)) as behind:
            pause.wait(delay_s)
            behind.sendall(caller.recv(65536).replace(b"keep-alive", b"close"))
            while piece := behind.recv(65536):
                caller.sendall(piece)


def test_a_registry_that_comes_and_goes_costs_no_request(served, stage, impatient):
    with ThreadingHTTPServer(("127.0.0.1", 0), Alias) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with flapping(server.server_port, delay_s=0.3) as port:
            models = stage.models(registry=Registry(f"http://127.0.0.1:{port}", str(stage.folder)))
            router = open_router(stage.use_cases, stage.state, models, poll_s=0.02)
            router.start()
            known, given = set(), set()

            def seen_both() -> bool:
                given.update(ask(router, 5))
                known.add("registry" in router.models.of(NAME).problems)
                return known == {True, False}

            wait_until(seen_both)
            router.close()
        server.shutdown()
    assert given == {(1, 5)}


def test_a_missing_alias_changes_no_answer_and_is_told(served, stage):
    client = create_app(served).test_client()
    del stage.registry.aliases[NAME, "champion"]
    served.models.refresh()
    served.models.refresh()
    assert ask(served, 3) == [(1, 5)] * 3
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["use_cases"][0]["champion"]["version"]) == (200, 1)
    assert "the alias champion is missing" in ready.json["use_cases"][0]["problems"]["alias"]
    metrics.beat([(NAME, served.models.of(NAME))], {}, {})
    assert 'mlops_model_problem{place="alias",use_case="wine_quality"} 1.0' in client.get("/metrics").text
