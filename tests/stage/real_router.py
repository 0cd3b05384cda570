"""A home with two registered versions of the wine model, and the real router over it in processes of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import requests

sys.path.insert(0, str(Path(__file__).parent))

from patience import PATIENCE_S, wait_until

from resources.registry import Registry
from resources.state.migrate import migrate
from resources.tracking import Run, log_run

ANSWER_S = 60.0
LOOK_S = 0.1
HEADERS = {"Connection": "close"}


def build_home(home: Path) -> Path:
    """A home whose registry holds champion 1 (6 above 10 % alcohol) and challenger 2 (6 above 15 %)."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from mlops_assets.bundle.export import write_bundle
    from mlops_assets.use_cases.load import find_use_case

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
    migrate(f"sqlite:///{home / 'state.db'}")
    (home / ".ready").touch()
    return home


def is_alive(port: int) -> bool:
    """True when a router answers, with a model or without."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/livez", timeout=ANSWER_S, headers=HEADERS).status_code == 200
    except (requests.ConnectionError, requests.Timeout):
        return False


@contextmanager
def router(
    home: Path, port: int, answers: Callable[[int], bool] | None = None, **variables: str
) -> Iterator[subprocess.Popen[bytes]]:
    """The router, able to answer; ended at the end. `home/log` is what it wrote.

    `answers` says whether it can, of a port; by default both arms must.
    """
    answers = answers or is_ready
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLOPS_")}
    environment |= {"MLOPS_HOME": str(home), "MLOPS_ROUTER_PORT": str(port), "OMP_NUM_THREADS": "1"} | variables
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "serving"], env=environment, stdout=log, stderr=log)
    try:
        wait_until(lambda: answers(port) or process.poll() is not None, every_s=LOOK_S)
        assert process.poll() is None, (home / "log").read_text(encoding="utf-8")
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(PATIENCE_S)


def is_ready(port: int) -> bool:
    """True when both arms can answer; the router itself is ready with a champion, and tries the challenger next."""
    try:
        answer = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=ANSWER_S, headers=HEADERS)
        return answer.status_code == 200 and any(one["challenger"] for one in answer.json()["use_cases"])
    except (requests.ConnectionError, requests.Timeout):
        return False


def post(port: int, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The answer, which must be good."""
    answer = requests.post(f"http://127.0.0.1:{port}{path}", json=body, timeout=ANSWER_S, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
