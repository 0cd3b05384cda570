"""The servers of `bench.serving`: this router, an empty Flask route, and the router's peers, with the same forest.

The peers are installed into environments of their own below .bench/.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.peers.environments import prepare
from mlops_assets.cli.opening import open_installation
from mlops_assets.cli.services import free_port, stop
from mlops_assets.demo.twin import draw_wine
from mlops_assets.use_cases.load import find_use_case
from resources.installation import Installation
from resources.settings import Settings

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).parent / "peers"
INSTALLED = ("mlserver", "bentoml")  # peers with an environment of their own
BATCH_ROWS = 1000
START_S = 120
NAME = "wine_quality"


@dataclass(frozen=True)
class Contender:
    """A server to start, and how it is asked: `body` takes the rows."""

    name: str
    command: list[str]
    ready: str
    address: str
    one: bytes
    many: bytes | None
    environment: dict[str, str]


def contenders(folder: Path, wanted: list[str]) -> Iterator[Contender]:
    """Each contender, made when it is its turn."""
    csv = folder / "wine.csv"
    frame = draw_wine("white", 4000, random_state=7)
    frame.to_csv(csv, index=False)
    columns = [name for name in frame.columns if name != "quality"]
    rows = frame[columns].head(BATCH_ROWS).to_numpy().tolist()
    for name in wanted:
        print(f"{name}: starting", file=sys.stderr)
        yield MAKERS[name](folder, csv, columns, rows)


def router(folder: Path, csv: Path, columns: list[str], rows: list[list[float]], mode: str = "sync") -> Contender:
    """This project's router with two registered forests."""
    installation = open_installation(home=folder / f"home-{mode}", router_port=free_port())
    register_arms(installation, csv)
    settings = installation.settings
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    base = f"http://127.0.0.1:{settings.router_port}"
    return Contender(
        "router" if mode == "sync" else mode,
        [sys.executable, "-m", "serving"],
        f"{base}/readyz",
        f"{base}/use-cases/{NAME}/predictions",
        json.dumps({"unit_id": "bottle-17", "features": named[0]}).encode(),
        json.dumps({"rows": named}).encode(),
        environment_of(settings) | {"MLOPS_LOG_MODE": mode},
    )


def flask(folder: Path, csv: Path, columns: list[str], rows: list[list[float]]) -> Contender:
    """An empty route under the server, the workers and the threads of the router; it takes the router's body."""
    port, threads = free_port(), str(Settings().router_threads)
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1"]
    command += ["--blocking-threads", threads, "--backpressure", "4096", "--http", "1", "--no-ws", "--no-log"]
    base = f"http://127.0.0.1:{port}/"
    body = json.dumps({"unit_id": "bottle-17", "features": dict(zip(columns, rows[0], strict=True))}).encode()
    return Contender("flask", [*command, "bench.peers.empty_flask:app"], base, base, body, None, {})


def mlflow(folder: Path, csv: Path, columns: list[str], rows: list[list[float]]) -> Contender:
    """`mlflow models serve`, in this project's own environment."""
    place, port = folder / "mlflow-peer", free_port()
    place.mkdir()
    subprocess.run([sys.executable, PEERS / "train_forest.py", csv, place, "--mlflow"], check=True, capture_output=True)
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(place / "mlflow"), "-p", str(port)]
    base = f"http://127.0.0.1:{port}"
    one, many = (json.dumps({"inputs": part}).encode() for part in (rows[:1], rows))
    path = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}  # it calls uvicorn by name
    command += ["--env-manager", "local"]
    return Contender("mlflow", command, f"{base}/ping", f"{base}/invocations", one, many, path)


def mlserver(folder: Path, csv: Path, columns: list[str], rows: list[list[float]]) -> Contender:
    """MLServer with its scikit-learn runtime."""
    python, place, port = prepare("mlserver"), folder / "mlserver-peer", free_port()
    place.mkdir()
    subprocess.run([python, PEERS / "train_forest.py", csv, place], check=True)
    ports = {"http_port": port, "grpc_port": free_port(), "metrics_port": free_port()}
    (place / "settings.json").write_text(
        json.dumps({"debug": False, "parallel_workers": 0, "host": "127.0.0.1", **ports}), encoding="utf-8"
    )
    model = {"name": "forest", "implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": "model.joblib"}}
    (place / "model-settings.json").write_text(json.dumps(model), encoding="utf-8")
    base = f"http://127.0.0.1:{port}/v2/models/forest"
    one, many = (json.dumps({"inputs": [tensor(part)]}).encode() for part in (rows[:1], rows))
    command = [str(python.parent / "mlserver"), "start", str(place)]
    return Contender("mlserver", command, f"{base}/ready", f"{base}/infer", one, many, {})


def bentoml(folder: Path, csv: Path, columns: list[str], rows: list[list[float]]) -> Contender:
    """BentoML with adaptive batching."""
    python, place, port = prepare("bentoml"), folder / "bentoml-peer", free_port()
    place.mkdir()
    subprocess.run([python, PEERS / "train_forest.py", csv, place], check=True)
    command = [str(python.parent / "bentoml"), "serve", "bento_service:Forest", "--working-dir", str(PEERS)]
    base = f"http://127.0.0.1:{port}"
    quiet = {"FOREST": str(place / "model.joblib"), "BENTOML_DO_NOT_TRACK": "true", "BENTOML_HOME": str(place)}
    one, many = (json.dumps({"rows": part}).encode() for part in (rows[:1], rows))
    return Contender("bentoml", [*command, "--port", str(port)], f"{base}/readyz", f"{base}/predict", one, many, quiet)


MAKERS = {
    "router": router,
    "fsync": lambda *given: router(*given, mode="fsync"),
    "flask": flask,
    "mlflow": mlflow,
    "mlserver": mlserver,
    "bentoml": bentoml,
}


def tensor(rows: list[list[float]]) -> dict[str, Any]:
    """Rows as a tensor of the Open Inference Protocol."""
    flat = [value for row in rows for value in row]
    return {"name": "predict", "shape": [len(rows), len(rows[0])], "datatype": "FP64", "data": flat}


def register_arms(installation: Installation, csv: Path) -> None:
    """A champion and a challenger, each a forest of 100 trees."""
    import pandas as pd

    from mlops_assets.bundle.export import write_bundle
    from mlops_assets.decode.table import conform
    from mlops_assets.training.candidates import build_candidates, describe_problem
    from mlops_assets.training.features import feature_frame, target_values
    from resources.tracking import Run, log_run

    use_case = find_use_case(NAME)
    frame = conform(pd.read_csv(csv), use_case)
    X, y = feature_frame(frame, use_case), target_values(frame, use_case)
    run = log_run(installation.registry.uri, installation.registry.artifact_root, Run(NAME, "bench"))
    (forest,) = (one for one in build_candidates(describe_problem(X, use_case), use_case) if one.name == "forest")
    for seed, alias in enumerate(("champion", "challenger")):
        forest.pipeline.set_params(model__random_state=seed, model__min_samples_leaf=1)
        bundle = installation.settings.root / alias
        write_bundle(bundle, forest.pipeline.fit(X, y), use_case, b"reference", X.head(200), y[:200])
        installation.registry.register_bundle(NAME, bundle, run, alias=alias, features=use_case.features, output="long")


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables that give a child these settings."""
    return {"MLOPS_HOME": str(settings.root), "MLOPS_ROUTER_PORT": str(settings.router_port)}


@contextmanager
def started(one: Contender, folder: Path) -> Iterator[int]:
    """The contender's first process, once it answers; ended with all it started."""
    log = folder / f"{one.name}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            one.command,
            env={**os.environ, **one.environment},
            stdout=file,
            stderr=file,
            start_new_session=True,
            cwd=ROOT,
        )
    try:
        until = time.monotonic() + START_S
        while not answers(one.ready):
            if process.poll() is not None or time.monotonic() > until:
                sys.exit(f"{one.name} does not answer:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")
            time.sleep(0.2)
        yield process.pid
    finally:
        stop([process])


def answers(address: str) -> bool:
    """True once a server is there; an empty Flask route answers 405 to GET."""
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except urllib.error.HTTPError as error:
        return error.code == 405
    except OSError:
        return False
