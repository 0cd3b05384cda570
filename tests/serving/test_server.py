"""The whole router: bundles in MLflow, granian in processes of its own, requests over a socket."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from patience import PATIENCE_S, wait_until
from ports import free_port
from real_router import build_home, is_ready, post, router

from resources.state.database import State
from resources.state.labels import labelled_pairs
from resources.state.predictions import predictions
from serving.api.predict import WINE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Iterator[Path]:
    yield build_home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def port() -> int:
    return free_port()


def test_registered_bundles_are_served_and_nothing_acknowledged_is_lost(home, port):
    with router(home, port) as process:
        strong = WINE | {"alcohol": 12.5}
        answers: list[dict] = []
        while len(answers) < 30 or len({answer["arm"] for answer in answers}) < 2:  # the salt, and so the arm, is drawn
            answers.append(post(port, "/predict", {"unit_id": f"u{len(answers)}", "features": strong}))
        assert {answer["arm"]: (answer["version"], answer["value"]) for answer in answers} == {"A": (1, 6), "B": (2, 5)}
        for answer in answers[:10]:
            post(port, "/feedback", {"prediction_id": answer["prediction_id"], "truth": "6"})
        for worker in psutil.Process(process.pid).children():
            worker.kill()
        wait_until(lambda: is_ready(port))
        answers += [post(port, "/predict", {"features": WINE | {"alcohol": 11.0}}) for _ in range(10)]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    state = State(f"sqlite:///{home / 'state.db'}")
    with state.read() as connection:
        assert labelled_pairs(connection, "wine_quality", 1, 2) == [(6, 5, 6)] * 10
        stored = set(connection.execute(sa.select(predictions.c.prediction_id)).scalars())
    state.close()
    assert stored == {answer["prediction_id"] for answer in answers}
    log = (home / "log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert "Warning:" not in log


def test_router_starts_from_its_copies_while_the_registry_is_away(home, port):
    assert (home / "bundles" / "wine_quality" / "serving.json").is_file()
    with router(home, port, MLOPS_MLFLOW_URI="http://127.0.0.1:9"):
        answer = post(port, "/predict", {"features": WINE | {"alcohol": 12.5}})
    assert answer["value"] in (5, 6)
    assert answer["degraded"]


def test_a_worker_ends_with_its_parent(home, port):
    with router(home, port) as process:
        workers = psutil.Process(process.pid).children()
        process.kill()
        process.wait(PATIENCE_S)
        _, alive = psutil.wait_procs(workers, timeout=PATIENCE_S)
    assert alive == []


def test_a_reload_takes_fresh_workers_and_refuses_broken_use_cases(home, port):
    with router(home, port) as process:
        before = {worker.pid for worker in psutil.Process(process.pid).children()}
        broken = home / "use_cases" / "broken.yaml"
        broken.parent.mkdir(exist_ok=True)
        broken.write_text("name: broken\n", encoding="utf-8")
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: "reload refused" in (home / "log").read_text(encoding="utf-8"))
        assert {worker.pid for worker in psutil.Process(process.pid).children()} == before
        broken.unlink()
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: before.isdisjoint(worker.pid for worker in psutil.Process(process.pid).children()))
        assert post(port, "/predict", {"features": WINE})["value"] in (5, 6)
