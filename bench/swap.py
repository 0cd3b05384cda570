"""Champions swapped under load: failed requests, answers of a version that was not champion, and what a swap costs.

python -m bench.swap [--quick] [--workers N]

A router in processes of its own, 200 requests a second at fixed times, two small models that always say the same. A
promotion is made as the verdict makes it (the row, then the alias of MLflow), a rollback by POST /rollback. An answer
is right when its version was champion at some moment between LAG_S before it was asked and when it came, and its value
is what that version says.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlops_assets.bundle.export import write_bundle
from mlops_assets.cli.opening import open_installation
from mlops_assets.cli.services import free_port, router_service, running
from mlops_assets.spec import UseCase
from mlops_assets.use_cases.load import find_use_case
from resources.installation import Installation
from resources.promotion import change_champion
from resources.settings import Settings
from resources.state import promotions
from resources.tracking import Run, log_run

NAME = "wine_quality"
SAYS = {1: 5, 2: 6}  # version: its answer
NEAR_S = 0.1
RATE, CONNECTIONS = 200.0, 16
LAG_S = 0.5  # the rows are looked at every 0.1 s; the rest is for a busy machine
EVERY_S, TIMES = 0.5, 10  # seconds between changes, promotions a round
READY_S = 120.0
CERTAIN = 50.0  # an intercept beside which no wine matters
ROWS = 200

Asked = tuple[float, float, float, int, int | None, int | None]  # due, sent, answered, status, version, value


def main() -> None:
    """Print a table, then one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="10 promotions and 10 rollbacks instead of 100 each")
    parser.add_argument("--workers", type=int, default=1, help="processes of the router")
    options = parser.parse_args()
    rounds, calm, busy = (1 if options.quick else 10), [], []
    with tempfile.TemporaryDirectory() as folder:
        installation = open_home(Path(folder), options.workers)
        with running([router_service(installation.settings)], Path(folder) / "logs", READY_S, lambda _: None):
            wait_until_served(installation.settings)
            swap(installation, 1)  # both versions have been proven, and loaded, before anything is measured
            for _ in range(rounds):  # by turns, so that whatever else this machine does meets both
                calm += measured(installation.settings, lambda: time.sleep(2 * TIMES * EVERY_S))
                busy += measured(installation.settings, lambda: swap(installation, TIMES))
        report(calm, busy, log_of(installation), options.workers)
        installation.state.close()


def open_home(folder: Path, workers: int) -> Installation:
    """A home with two registered versions; the first is champion."""
    installation = open_installation(home=folder, router_port=free_port(), router_workers=workers)
    settings, use_case = installation.settings, installation.use_cases[NAME]
    os.environ |= {"MLOPS_ROUTER_WORKERS": str(workers)}
    run_id = log_run(settings.mlflow_address, settings.artifact_root, Run(NAME, "bench"))
    for version, answer in SAYS.items():
        bundle = write_constant(folder / f"bundle-{version}", use_case, answer)
        installation.registry.register_bundle(NAME, bundle, run_id)
    change_champion(installation, use_case, 1, expected=None, kind="first", reason="first", by="bench")
    return installation


def write_constant(folder: Path, use_case: UseCase, answer: int) -> Path:
    """The bundle of a model that answers 5 or 6 whatever it is asked."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    random = np.random.default_rng(7)
    X = pd.DataFrame({name: random.uniform(one.min, one.max, ROWS) for name, one in use_case.features.items()})
    y = np.where(np.arange(ROWS) % 2 == 0, 5, 6)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    pipeline[-1].intercept_[:] = CERTAIN if answer == 6 else -CERTAIN
    write_bundle(folder, pipeline, use_case, b"reference", X, y)
    return folder


def wait_until_served(settings: Settings) -> None:
    """Return when the champion answers."""
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://{settings.host}:{settings.router_port}/readyz", timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    sys.exit("the router had no champion in time")


def swap(installation: Installation, times: int) -> None:
    """Promotions of version 2, each taken back, one change every EVERY_S seconds."""
    use_case = installation.use_cases[NAME]
    for _ in range(times):
        time.sleep(EVERY_S)
        change_champion(installation, use_case, 2, expected=1, kind="promote", reason="bench", by="bench")
        time.sleep(EVERY_S)
        ask(installation.settings, "/rollback", {"use_case": NAME, "reason": "bench"})
    time.sleep(EVERY_S)


def ask(settings: Settings, path: str, body: dict[str, Any]) -> None:
    """One change over HTTP; an error ends the bench."""
    request = urllib.request.Request(
        f"http://{settings.host}:{settings.router_port}{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=30).close()


def measured(settings: Settings, meanwhile: Any) -> list[Asked]:
    """Every request of a client in a process of its own, while something happens."""
    spawn = multiprocessing.get_context("spawn")
    stopped, given = spawn.Event(), spawn.SimpleQueue()
    client = spawn.Process(target=send, args=(settings.host, settings.router_port, stopped, given))
    client.start()
    while given.empty():
        time.sleep(0.01)
    given.get()
    meanwhile()
    stopped.set()
    found: list[Asked] = given.get()
    client.join()
    return found


def send(host: str, port: int, stopped: Any, given: Any) -> None:
    """Send a request every 1 / RATE seconds over CONNECTIONS connections until told to stop."""
    features = {name: ((one.min or 0.0) + (one.max or 0.0)) / 2 for name, one in find_use_case(NAME).features.items()}
    body = json.dumps({"use_case": NAME, "features": features}).encode()
    begin, found = time.time() + 0.5, []

    def line(first: int) -> None:
        connection = http.client.HTTPConnection(host, port, timeout=30)
        for number in range(first, 1_000_000_000, CONNECTIONS):
            due = begin + number / RATE
            time.sleep(max(0.0, due - time.time()))
            if stopped.is_set():
                return
            found.append((due, *one_request(connection, body)))

    given.put("ready")
    lines = [threading.Thread(target=line, args=(first,)) for first in range(CONNECTIONS)]
    for one in lines:
        one.start()
    for one in lines:
        one.join()
    given.put(found)


def one_request(
    connection: http.client.HTTPConnection, body: bytes
) -> tuple[float, float, int, int | None, int | None]:
    """Sent, answered, status (0 when the connection broke), version, value."""
    sent = time.time()
    try:
        connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        told = json.loads(answer.read())
    except (OSError, http.client.HTTPException):
        connection.close()
        return sent, time.time(), 0, None, None
    return sent, time.time(), answer.status, told.get("version"), told.get("value")


def log_of(installation: Installation) -> list[tuple[float, int]]:
    """When each version became champion, oldest first."""
    with installation.state.read() as connection:
        rows = promotions.history(connection, NAME)
    return [(row.at.timestamp(), row.to_version) for row in reversed(rows)]


def lag_s(version: int, sent: float, answered: float, log: list[tuple[float, int]]) -> float:
    """Seconds before `sent` at which the version was last champion; 0 when it was while the request ran."""
    ends = [*(at for at, _ in log[1:]), float("inf")]
    reigns = [end for (start, one), end in zip(log, ends, strict=True) if one == version and start <= answered]
    return max(0.0, sent - max(reigns)) if reigns else float("inf")


def report(calm: list[Asked], busy: list[Asked], log: list[tuple[float, int]], workers: int) -> None:
    """The table and the last line."""
    right = [one for one in busy if one[3] == http.HTTPStatus.OK]
    if not right:
        sys.exit(f"no request was answered; their statuses: {sorted({one[3] for one in busy})}")
    lags = [lag_s(version or 0, sent, answered, log) for _, sent, answered, _, version, _ in right]
    numbers = {
        "workers": workers,
        "swaps": len(log) - 3,  # without the first champion, and the two of the warm-up
        "requests": len(busy),
        "failed": len(busy) - len(right),
        "mixed": sum(SAYS.get(version or 0) != value for *_, version, value in right),
        "stale": sum(lag > LAG_S for lag in lags),
        "lag_max_s": round(max(lags), 3),
        "p50_calm_ms": latency_ms(calm, 50),
        "p50_ms": latency_ms(busy, 50),
        "p99_calm_ms": latency_ms(calm, 99),
        "p99_ms": latency_ms(busy, 99),
        "p99_near_ms": latency_ms([one for one in busy if is_near(one[0], log)], 99),
        "p99_far_ms": latency_ms([one for one in busy if not is_near(one[0], log)], 99),
    }
    numbers["p99_added_ms"] = round(numbers["p99_ms"] - numbers["p99_calm_ms"], 2)
    for name, value in numbers.items():
        print(f"{name:<14} {value:>10}")
    print(json.dumps(numbers))


def is_near(due: float, log: list[tuple[float, int]]) -> bool:
    """True for a request within NEAR_S of a swap; the others of the same minutes are the fairest comparison."""
    return any(abs(due - at) < NEAR_S for at, _ in log)


def latency_ms(asked: list[Asked], percent: float) -> float:
    """Percentile of the time from when a request was due until its answer came."""
    return round(float(np.percentile([answered - due for due, _, answered, *_ in asked], percent)) * 1000, 2)


if __name__ == "__main__":
    main()
