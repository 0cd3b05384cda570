"""Requests a second of this router, of an empty Flask route under the same server, and of its peers.

python -m bench.serving [--quick] [--only router,flask,mlflow,mlserver,bentoml]

One forest (100 trees, 11 columns), 8 connections, one row a request, then 1,000 rows a request. The router validates,
scores both arms and logs durably. The peers are installed into environments of their own below .bench/. Needs wrk.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_assets.cli.opening import open_installation
from mlops_assets.cli.services import free_port, stop
from mlops_assets.demo.twin import draw_wine
from mlops_assets.use_cases.load import find_use_case
from resources.installation import Installation
from resources.settings import Settings

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).parent / "peers"
ENVIRONMENTS = ROOT / ".bench"
NEEDS = {"mlserver": ("mlserver", "mlserver-sklearn", "uvloop<0.22"), "bentoml": ("bentoml", "scikit-learn")}
CONNECTIONS = 8
BATCH_ROWS = 1000
START_S = 120
NAME = "wine_quality"
POST = """wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local file = io.open("{body}", "rb"); wrk.body = file:read("*a"); file:close()
"""


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


@dataclass(frozen=True)
class Measured:
    """What wrk saw; `failed` counts answers other than 2xx."""

    per_s: float
    p50_ms: float
    p99_ms: float
    failed: int


def main() -> None:
    """Print a table, then one JSON object of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="three seconds each, without the peers to install")
    parser.add_argument("--only", default="", help="names of contenders, separated by commas")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not on the path; install it (Debian: apt-get install wrk)")
    seconds = 3 if options.quick else 10
    wanted = [name for name in options.only.split(",") if name] or ["router", "fsync", "flask", "mlflow"]
    if not options.only and not options.quick:
        wanted += list(NEEDS)
    with tempfile.TemporaryDirectory() as folder:
        found = {one.name: measure(one, seconds, Path(folder)) for one in contenders(Path(folder), wanted)}
    print(json.dumps(ratios(found)))


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


def prepare(name: str) -> Path:
    """Python of a peer's own environment, made the first time."""
    python = ENVIRONMENTS / name / "bin" / "python"
    if not python.exists():
        print(f"{name}: installing into {python.parents[1]}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *NEEDS[name]], check=True)
    return python


def measure(one: Contender, seconds: int, folder: Path) -> dict[str, Measured]:
    """One row a request, then 1,000 where the contender takes them."""
    with started(one, folder):
        load(one.address, one.one, 2, CONNECTIONS, folder)
        found = {"one": load(one.address, one.one, seconds, CONNECTIONS, folder)}
        if one.many is not None:
            load(one.address, one.many, 1, 1, folder)
            found["many"] = load(one.address, one.many, seconds, 1, folder)
    for what, result in found.items():
        rows = BATCH_ROWS if what == "many" else 1
        print(
            f"{one.name:<9} {rows:>5} rows a request: {result.per_s:>9,.1f} requests/s, p50 {result.p50_ms:8.2f} ms, "
            f"p99 {result.p99_ms:8.2f} ms, {result.failed} failed",
            flush=True,
        )
    return found


@contextmanager
def started(one: Contender, folder: Path) -> Iterator[None]:
    """The contender, answering; ended with all it started."""
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
        yield
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


def load(address: str, body: bytes, seconds: int, connections: int, folder: Path) -> Measured:
    """What wrk sees at full speed."""
    (folder / "body").write_bytes(body)
    script = folder / "post.lua"
    script.write_text(POST.format(body=folder / "body"), encoding="utf-8")
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--timeout",
        "30s",
        "--latency",
        "-s",
        script,
        address,
    ]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Measured(
        float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),  # type: ignore[index]
        *(milliseconds(re.search(rf"\s{share}%\s+(\S+)", said)[1]) for share in (50, 99)),  # type: ignore[index]
        int(failed[1]) if failed else 0,
    )


def milliseconds(shown: str) -> float:
    """Milliseconds of a time as wrk prints it: 950.00us, 1.20ms, 2.00s."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", shown).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[unit]


def ratios(found: dict[str, dict[str, Measured]]) -> dict[str, float]:
    """This router over each anchor that was measured."""
    mine, shown = found.get("router"), {}
    if mine is None:
        return {}
    for anchor, name in (("flask", "vs_empty_flask"), *((peer, f"vs_{peer}") for peer in ("mlflow", *NEEDS))):
        if anchor in found:
            shown[name] = round(mine["one"].per_s / found[anchor]["one"].per_s, 3)
    if "flask" in found:
        shown["p99_vs_empty_flask"] = round(mine["one"].p99_ms / found["flask"]["one"].p99_ms, 3)
    for peer in ("mlflow", *NEEDS):
        if peer in found:
            shown[f"batch_vs_{peer}"] = round(mine["many"].per_s / found[peer]["many"].per_s, 3)
    if "fsync" in found:
        shown["fsync_vs_router"] = round(found["fsync"]["one"].per_s / mine["one"].per_s, 3)
    return shown


if __name__ == "__main__":
    main()
