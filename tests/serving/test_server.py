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


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def start(home: Path, port: int, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    base = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return requests.get(f"{base}/readyz", timeout=5, headers=HEADERS).status_code == 200
        except (requests.ConnectionError, requests.Timeout):
            return False

    def begin(**extra: str) -> subprocess.Popen[bytes]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MLOPS_")}
        environment |= {"MLOPS_HOME": str(home), "MLOPS_ROUTER_PORT": str(port), "OMP_NUM_THREADS": "1"} | extra
        log = (tmp_path / "router.log").open("ab")
        with log:
            process = subprocess.Popen([sys.executable, "-m", "serving"], env=environment, stdout=log, stderr=log)
        started.append(process)
        wait_for(lambda: answers() or process.poll() is not None)
        assert process.poll() is None, (tmp_path / "router.log").read_text(encoding="utf-8")
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


def test_registered_bundles_are_served_logged_and_judged(start, home, port, tmp_path):
    process = start()
    base = f"http://127.0.0.1:{port}"
    features = _wine(alcohol=12.5)
    answers = [_post(base, "/predict", {"unit_id": f"u{n}", "features": features}) for n in range(30)]
    values = {answer["arm"]: (answer["version"], answer["value"]) for answer in answers}
    assert values == {"A": (1, 6), "B": (2, 5)}
    for answer in answers[:10]:
        _post(base, "/feedback", {"prediction_id": answer["prediction_id"], "truth": "6"})
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    state = State(f"sqlite:///{home / 'state.db'}")
    with state.read() as connection:
        assert labelled_pairs(connection, "wine_quality", 1, 2)[:10] == [(6, 5, 6)] * 10
        ids = set(connection.execute(sa.select(predictions.c.prediction_id)).scalars())
    state.close()
    assert ids >= {answer["prediction_id"] for answer in answers}
    log = (tmp_path / "router.log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert "Warning" not in log


def test_router_starts_from_its_copies_while_the_registry_is_away(start, port, home):
    first = start()
    first.terminate()
    first.wait(20)
    base = f"http://127.0.0.1:{port}"
    start(MLOPS_MLFLOW_URI="http://127.0.0.1:9")
    answer = _post(base, "/predict", {"features": _wine(alcohol=12.5)})
    assert (answer["value"] in (5, 6), answer["degraded"]) == (True, True)


def test_killed_worker_loses_no_acknowledged_row(start, port, home):
    import psutil

    process = start()
    base = f"http://127.0.0.1:{port}"
    acknowledged: list[str] = []
    for number in range(60):
        if number == 30:
            for worker in psutil.Process(process.pid).children():
                worker.kill()
        try:
            acknowledged.append(_post(base, "/predict", {"features": _wine(alcohol=11.0)})["prediction_id"])
        except (requests.ConnectionError, AssertionError):
            wait_for(lambda: requests.get(f"{base}/readyz", timeout=30, headers=HEADERS).status_code == 200)
    assert len(acknowledged) >= 50
    state = State(f"sqlite:///{home / 'state.db'}")
    with state.read() as connection:
        stored = set(connection.execute(sa.select(predictions.c.prediction_id)).scalars())
    state.close()
    assert set(acknowledged) <= stored


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
