"""Registries that are away, files that are not as registered, models that hang or lie: a good one keeps serving."""

import gzip
import json
import os
import pickle
import socket
import struct
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "stage"))

from constant_models import SPOILED, reseal, spoil, write_constant
from marking import Marking, MarkingState
from stages import NAME, WINE, Stage

from mlops_assets.bundle.load import load_bundle
from mlops_assets.bundle.manifest import MANIFEST, PIPELINE
from resources.failpoint import EXIT_CODE, VARIABLE
from resources.promotion import change_champion, reconcile
from resources.registry import Registry
from resources.state import audit, promotions
from resources.state.database import State
from resources.state.promotions import promote
from serving import metrics
from serving.api.promotions import Parts
from serving.app import create_app
from serving.probe import Limits, probe
from serving.router import FOLLOW_HTTP, Router, open_router, utc_now

pytestmark = pytest.mark.slow

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def bundles(tmp_path_factory) -> dict[int, Path]:
    """Bundles by what they always answer."""
    folder = tmp_path_factory.mktemp("bundles")
    return {answer: write_constant(folder / str(answer), answer) for answer in (5, 6)}


@pytest.fixture
def stage(bundles, tmp_path) -> Iterator[Stage]:
    """Version 1 answers 5 and is champion by row and alias."""
    stage = Stage(tmp_path)
    stage.register(1, bundles[5], "champion")
    make_champion(stage, 1, None)
    yield stage
    stage.state.close()


@pytest.fixture
def served(stage) -> Iterator[Router]:
    """A router that serves version 1; its threads follow nothing."""
    router = open_router(stage.use_cases, stage.state, stage.models(probe=trusting))
    router.models.refresh()
    assert router.models.of(NAME).champion.version == 1
    yield router
    router.close()


def trusting(folder: Path, other_libraries: bool) -> None:
    """In place of the child, where it is not what is tested."""


def make_champion(stage: Stage, version: int, expected: int | None) -> None:
    with stage.state.write() as connection:
        promote(connection, NAME, version, expected=expected, kind="promote", reason="", at=AT, by="test")


def ask(router: Router, count: int = 1) -> list[tuple[int, int]]:
    """Version and value of answers; fails when a request does."""
    client = create_app(router).test_client()
    given = []
    for _ in range(count):
        answer = client.post("/predict", json={"use_case": NAME, "features": WINE})
        assert answer.status_code == 200, answer.text
        given.append((answer.json["version"], answer.json["value"]))
    return given


def refusals(stage: Stage) -> list[str]:
    with stage.state.read() as connection:
        changes = audit.last_changes(connection, NAME)
    return [change.after["reason"] for change in changes if change.action == "refuse version"]


def until(condition: Callable[[], bool]) -> None:
    deadline, pause = time.monotonic() + PATIENCE_S, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s"
        pause.wait(0.02)


# Row 23: the registry is down, slow, or comes and goes.


def closed_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def impatient(monkeypatch) -> None:
    """MLflow's client as the router sets it."""
    for name, value in FOLLOW_HTTP.items():
        monkeypatch.setenv(name, value)


def test_a_router_starts_degraded_from_its_copies_while_the_registry_is_away(served, stage, impatient):
    begin = time.monotonic()
    away = Registry(f"http://127.0.0.1:{closed_port()}", str(stage.folder))
    router = open_router(stage.use_cases, stage.state, stage.models(registry=away))
    answer = create_app(router).test_client().post("/predict", json={"use_case": NAME, "features": WINE})
    assert time.monotonic() - begin < 5
    assert (answer.status_code, answer.json["version"], answer.json["degraded"]) == (200, 1, True)
    router.close()


def test_a_router_without_copies_waits_for_the_registry_and_says_so(stage, impatient):
    away = Registry(f"http://127.0.0.1:{closed_port()}", str(stage.folder))
    router = open_router(stage.use_cases, stage.state, stage.models(registry=away), poll_s=0.01)
    router.start()
    client = create_app(router).test_client()
    until(lambda: "refused" in router.models.of(NAME).problems.get("registry", "").lower())
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
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close resets
            caller.close()
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

            until(seen_both)
            router.close()
        server.shutdown()
    assert given == {(1, 5)}


# Row 24: no version carries the alias.


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


# Row 25: a file is not what was registered.


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def swap(path: Path) -> None:
    path.write_bytes(b"the file of another version")


DAMAGE = {"flipped": flip, "truncated": truncate, "removed": Path.unlink, "swapped": swap}
FILES = ("golden.json", "manifest.json", "model.onnx", "pipeline.skops", "reference.npz", "schema.json")


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_refused_before_anything_is_parsed(stage, bundles, damage):
    parsed: list[Path] = []
    models = stage.models(probe=lambda folder, _: parsed.append(folder))
    models.refresh()
    assert len(parsed) == 1
    for version, name in enumerate(FILES, start=2):
        DAMAGE[damage](stage.register(version, bundles[6]) / name)
        make_champion(stage, version, version - 1)
        models.refresh()
        assert models.of(NAME).champion.version == 1
        assert name in models.of(NAME).problems["champion"]
        assert name in refusals(stage)[0]
    assert len(parsed) == 1
    assert {path.name for path in bundles[6].iterdir()} == set(FILES)


# Row 26: a file that runs code when it is opened as such files usually are.


def as_pickle(folder: Path, marker: Path) -> None:
    (folder / PIPELINE).write_bytes(pickle.dumps(Marking(str(marker))))


def as_gzip(folder: Path, marker: Path) -> None:
    (folder / PIPELINE).write_bytes(gzip.compress(pickle.dumps(Marking(str(marker)))))


def as_joblib(folder: Path, marker: Path) -> None:
    import joblib

    joblib.dump(Marking(str(marker)), folder / PIPELINE)


def as_skops(folder: Path, marker: Path) -> None:
    import skops.io

    skops.io.dump(MarkingState(str(marker)), folder / PIPELINE)


def as_module(folder: Path, marker: Path) -> None:
    (folder / "evil_loader.py").write_text(
        f"import pathlib\npathlib.Path({str(marker)!r}).mkdir()\ndef _load_pyfunc(path):\n    raise OSError\n",
        encoding="utf-8",
    )
    flavour = {"loader_module": "evil_loader", "code": ".", "python_version": "3.11.0"}
    (folder / "MLmodel").write_text(json.dumps({"flavors": {"python_function": flavour}}), encoding="utf-8")


def open_pickle(folder: Path) -> None:
    pickle.loads((folder / PIPELINE).read_bytes())


def open_gzip(folder: Path) -> None:
    pickle.loads(gzip.decompress((folder / PIPELINE).read_bytes()))


def open_joblib(folder: Path) -> None:
    import joblib

    joblib.load(folder / PIPELINE)


def open_skops(folder: Path) -> None:
    import skops.io

    file = folder / PIPELINE
    skops.io.load(file, trusted=skops.io.get_untrusted_types(file=file))


def open_module(folder: Path) -> None:
    with warnings.catch_warnings(action="ignore"), suppress(OSError):  # what it loads is no model
        import mlflow

        mlflow.pyfunc.load_model(str(folder))


CRAFTED = {
    "pickle": (as_pickle, open_pickle),
    "gzip": (as_gzip, open_gzip),
    "joblib": (as_joblib, open_joblib),
    "skops that names its own types": (as_skops, open_skops),
    "loader module": (as_module, open_module),
}


@pytest.mark.parametrize("kind", CRAFTED)
def test_code_in_a_file_runs_only_where_nothing_is_checked(stage, bundles, tmp_path, kind):
    craft, open_unchecked = CRAFTED[kind]
    marker = tmp_path / "marker"
    folder = stage.register(2, bundles[6])
    craft(folder, marker)
    models = stage.models(probe=load_bundle)
    make_champion(stage, 2, 1)
    models.refresh()  # another file than the manifest names
    reseal(folder, engine="skops")
    with suppress(Exception):  # its hash is right now; what the bundle does not read does no harm either
        load_bundle(folder)
    assert not marker.exists()
    assert models.of(NAME).champion is None
    assert len(refusals(stage)) == 1
    open_unchecked(folder)
    assert marker.exists()


# Row 27: the file is right, the model is not.


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("hangs", "did not answer its golden rows within 5 s"),
        ("crashes", "was ended by SIGFPE while it answered its golden rows"),
        ("nan", "NaN or infinity among the answers"),
        ("length", "40 answers to 20 rows"),
        ("type", "could not convert string to float"),
        ("3 GB", "Failed to allocate memory for requested buffer of size 3000000000"),
        ("foreign", "written by scikit-learn 9.9.1, here is"),
    ],
)
def test_an_unfit_model_gets_no_traffic_and_its_reason_is_shown(served, stage, bundles, how, told):
    folder = stage.register(2, bundles[6])
    if how == "foreign":
        libraries = json.loads((folder / MANIFEST).read_bytes())["manifest"]["libraries"]
        reseal(folder, libraries=libraries | {"scikit-learn": "9.9.1"}, engine="skops")
    else:
        spoil(folder, how)
    limits = Limits(wall_s=5) if how == "hangs" else Limits()
    object.__setattr__(served.models.copies, "probe", partial(probe, limits=limits))
    before = os.getpid()
    left = psutil.Process().children(recursive=True)
    make_champion(stage, 2, 1)
    served.models.refresh()
    assert ask(served) == [(1, 5)]
    client = create_app(served).test_client()
    shown = client.get("/readyz").json["use_cases"][0]["problems"]["champion"]
    assert shown.startswith("version 2 does not serve: ")
    assert told in shown
    assert told in refusals(stage)[0]
    assert shown == client.get("/config").json["use_cases"][0]["problems"]["champion"]
    assert "version 2 does not serve: " in client.get("/ab").text
    assert os.getpid() == before
    assert psutil.Process().children(recursive=True) == left
    assert set(SPOILED) == {"hangs", "crashes", "nan", "length", "type", "3 GB"}


def test_other_libraries_serve_only_when_a_person_named_the_version(stage, bundles):
    folder = stage.register(2, bundles[6])
    libraries = json.loads((folder / MANIFEST).read_bytes())["manifest"]["libraries"]
    reseal(folder, libraries=libraries | {"scikit-learn": "9.9.1"}, engine="skops")
    make_champion(stage, 2, 1)
    models = stage.models(accepted={(NAME, 2)})
    models.refresh()
    assert models.of(NAME).champion.version == 2
    assert models.of(NAME).problems["champion"] == (
        "version 2 is served although other versions of the libraries wrote it: MLOPS_ACCEPT_LIBRARIES names it"
    )
    assert models.of(NAME).degraded


# Row 28: the champion changes under load.


def test_no_answer_mixes_version_and_value_while_versions_are_swapped(served, stage, bundles):
    stage.register(2, bundles[6])
    served.models.copies.prove(NAME, 2)
    done = threading.Event()

    def answers() -> list[tuple[int, int]]:
        client, given = create_app(served).test_client(), []
        while not done.is_set():
            answer = client.post("/predict", json={"use_case": NAME, "features": WINE})
            assert answer.status_code == 200, answer.text
            given.append((answer.json["version"], answer.json["value"]))
        return given

    with ThreadPoolExecutor(3) as callers:
        asked = [callers.submit(answers) for _ in range(3)]
        pause = threading.Event()
        for swap_ in range(20):
            before, after = (1, 2) if swap_ % 2 == 0 else (2, 1)
            make_champion(stage, after, before)
            served.models.follow()
            pause.wait(0.1)
        done.set()
        given = [pair for one in asked for pair in one.result()]
    assert set(given) == {(1, 5), (2, 6)}
    assert len(given) > 100


# Row 29: promotions race, a process dies between row and alias, a version to go back to was pruned.


def test_of_two_promotions_one_wins_and_the_other_is_told(served, stage, bundles):
    for version in range(2, 4):
        stage.register(version, bundles[6])
        served.models.copies.prove(NAME, version)
    app, begin = create_app(served), threading.Barrier(2)

    def try_to(version: int, expected: int) -> int:
        body = {"use_case": NAME, "to_version": version, "expected_version": expected, "reason": "race"}
        begin.wait(PATIENCE_S)
        return app.test_client().post("/promote", json=body).status_code

    with ThreadPoolExecutor(2) as callers:
        for _ in range(50):
            champion = served.models.of(NAME).champion.version
            others = [version for version in (1, 2, 3) if version != champion]
            codes = list(callers.map(try_to, others, [champion, champion]))
            assert sorted(codes) == [200, 409]
            winner = others[codes.index(200)]
            assert served.models.of(NAME).champion.version == winner
            assert stage.registry.aliases[NAME, "champion"] == winner
    with stage.state.read() as connection:
        assert len(promotions.history(connection, NAME)) == 51


def test_after_a_kill_between_row_and_alias_both_agree(stage, bundles):
    stage.register(2, bundles[6])
    first = stage.models(probe=trusting)
    first.refresh()
    first.copies.prove(NAME, 2)
    for round_ in range(10):
        before, after = (1, 2) if round_ % 2 == 0 else (2, 1)
        child = os.fork()
        if child == 0:
            _promote_until_killed(stage, before, after)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == EXIT_CODE
        assert stage.registry.aliases[NAME, "champion"] == before
        restarted = stage.models(probe=trusting)
        assert restarted.of(NAME).champion.version == after
        reconcile(Parts(stage.state, stage.registry, utc_now), stage.use_cases[NAME])
        assert stage.registry.aliases[NAME, "champion"] == after
        restarted.refresh()
        assert restarted.of(NAME).problems == {}


def _promote_until_killed(stage: Stage, before: int, after: int) -> None:
    """In a child: its connections are its own, and it never returns."""
    os.environ[VARIABLE] = "promoted_before_alias"
    state = State(stage.state.url)
    change_champion(
        Parts(state, stage.registry, utc_now), stage.use_cases[NAME], after,
        expected=before, kind="promote", reason="", by="test",
    )  # fmt: skip
    os._exit(0)


def test_a_rollback_finds_its_version_after_the_copies_were_pruned(served, stage, bundles):
    client = create_app(served).test_client()
    for version in range(2, 12):
        stage.register(version, bundles[6])
        body = {"use_case": NAME, "to_version": version, "expected_version": version - 1, "reason": "newer"}
        assert client.post("/promote", json=body).status_code == 200
    folder = served.models.copies.folder / NAME
    for marker in folder.glob("*.proven"):
        os.utime(marker, (0, 0))
    make_champion(stage, 1, 11)  # back to one that is neither among the newest nor in memory
    served.models.refresh()
    assert served.models.of(NAME).champion.version == 1
    make_champion(stage, 11, 1)
    for marker in folder.glob("*.proven"):
        os.utime(marker, (0, 0))
    served.models.refresh()
    assert sorted(int(place.name) for place in folder.iterdir() if place.name.isdecimal()) == [1, 7, 8, 9, 10, 11]
    stage.registry.down = True
    answer = client.post("/rollback", json={"use_case": NAME, "reason": "complaints"})
    assert (answer.status_code, answer.json["to_version"]) == (200, 1)
    assert ask(served) == [(1, 5)]
