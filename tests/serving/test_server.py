"""The whole router: a bundle in MLflow, gunicorn in a process of its own, requests over a socket."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
import requests
import sqlalchemy as sa

from resources.registry import Registry
from resources.state.database import State, metadata
from resources.state.predictions import labelled_pairs, predictions
from resources.tracking import Run, log_run

pytestmark = pytest.mark.slow

START_S = 60.0
HEADERS = {"Connection": "close"}


def wait_for(condition: Callable[[], bool], seconds: float = START_S) -> None:
    """Return when the condition holds; it is asked every tenth of a second."""
    pause = threading.Event()
    for _ in range(int(seconds * 10)):
        if condition():
            return
        pause.wait(0.1)
    raise AssertionError(f"not within {seconds} s")


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A home with two registered versions of the wine model: champion 1, challenger 2."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from mlops_assets.bundle.export import write_bundle
    from mlops_assets.use_cases.load import find_use_case

    home = tmp_path_factory.mktemp("home")
    use_case = find_use_case("wine_quality")
    random = np.random.default_rng(7)
    X = pd.DataFrame({name: random.uniform(column.min, column.max, 80) for name, column in use_case.features.items()})
    (home / "mlflow").mkdir()
    registry = Registry(f"sqlite:///{home / 'mlflow' / 'mlflow.db'}", str(home / "mlflow" / "artifacts"))
    run_id = log_run(registry.uri, registry.artifact_root, Run("wine_quality", "test"))
    for alias, limit in (("champion", 10), ("challenger", 15)):
        y = np.where(X["alcohol"] > limit, 6, 5)
        pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
        bundle = home / alias
        write_bundle(bundle, pipeline, use_case, b"reference", X, y)
        registry.register_bundle("wine_quality", bundle, run_id, alias=alias, features=use_case.features, output="long")
    state = State(f"sqlite:///{home / 'state.db'}")
    metadata.create_all(state.engine)
    state.close()
    (home / ".ready").touch()
    return home


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def start(home: Path, port: int) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts a router and returns when it can answer; `log` in the home is what it wrote."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(**extra: str) -> subprocess.Popen[bytes]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MLOPS_")}
        environment |= {"MLOPS_HOME": str(home), "MLOPS_ROUTER_PORT": str(port), "OMP_NUM_THREADS": "1"} | extra
        with (home / "log").open("wb") as log:
            process = subprocess.Popen([sys.executable, "-m", "serving"], env=environment, stdout=log, stderr=log)
        started.append(process)
        wait_for(lambda: _ready(port) or process.poll() is not None)
        assert process.poll() is None, (home / "log").read_text(encoding="utf-8")
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


def test_registered_bundles_are_served_and_nothing_acknowledged_is_lost(start, home, port):
    process = start()
    base = f"http://127.0.0.1:{port}"
    answers = [_post(base, "/predict", {"unit_id": f"u{n}", "features": _wine(alcohol=12.5)}) for n in range(30)]
    assert {answer["arm"]: (answer["version"], answer["value"]) for answer in answers} == {"A": (1, 6), "B": (2, 5)}
    for answer in answers[:10]:
        _post(base, "/feedback", {"prediction_id": answer["prediction_id"], "truth": "6"})
    for worker in psutil.Process(process.pid).children():
        worker.kill()
    wait_for(lambda: _ready(port))
    answers += [_post(base, "/predict", {"features": _wine(alcohol=11.0)}) for _ in range(10)]
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    state = State(f"sqlite:///{home / 'state.db'}")
    with state.read() as connection:
        assert labelled_pairs(connection, "wine_quality", 1, 2) == [(6, 5, 6)] * 10
        stored = set(connection.execute(sa.select(predictions.c.prediction_id)).scalars())
    state.close()
    assert stored == {answer["prediction_id"] for answer in answers}
    log = (home / "log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert "Warning:" not in log


def test_router_starts_from_its_copies_while_the_registry_is_away(start, home, port):
    assert (home / "bundles" / "wine_quality" / "serving.json").is_file()
    start(MLOPS_MLFLOW_URI="http://127.0.0.1:9")
    answer = _post(f"http://127.0.0.1:{port}", "/predict", {"features": _wine(alcohol=12.5)})
    assert answer["value"] in (5, 6)
    assert answer["degraded"]


def _ready(port: int) -> bool:
    """True when champion and challenger serve; the router itself is ready with a champion."""
    try:
        answer = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=20, headers=HEADERS)
        return answer.status_code == 200 and any(one["challenger"] for one in answer.json()["use_cases"])
    except (requests.ConnectionError, requests.Timeout):
        return False


def _post(base: str, path: str, body: dict[str, object]) -> dict[str, object]:
    answer = requests.post(f"{base}{path}", json=body, timeout=20, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def _wine(**changes: float) -> dict[str, float]:
    typical = {
        "fixed acidity": 7.4,
        "volatile acidity": 0.7,
        "citric acid": 0.0,
        "residual sugar": 1.9,
        "chlorides": 0.076,
        "free sulfur dioxide": 11.0,
        "total sulfur dioxide": 34.0,
        "density": 0.9978,
        "pH": 3.51,
        "sulphates": 0.56,
        "alcohol": 9.4,
    }
    return typical | changes
