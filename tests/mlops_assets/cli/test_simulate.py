"""The command against a real router on loopback; models answer constants."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from fake_router import open_fake_router
from ports import free_port
from werkzeug.serving import make_server

from mlops_assets.cli import router_client
from mlops_assets.cli.load import at_rate
from mlops_assets.cli.router_client import Client, Reply, TrafficError
from mlops_assets.cli.simulate import send_all
from mlops_assets.cli.traffic import Labelled
from mlops_assets.cli.truth_plan import Asking, Telling
from serving.app import create_app

pytestmark = pytest.mark.slow

COLUMNS = (
    "fixed acidity;volatile acidity;citric acid;residual sugar;chlorides;free sulfur dioxide;"
    "total sulfur dioxide;density;pH;sulphates;alcohol;quality"
)
ROW = "7.4;0.7;0;1.9;0.076;11;34;0.9978;3.51;0.56;{alcohol};{quality}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that needs no databases of Dagster and MLflow."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".ready").touch()
    return home


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A router that listens, and the variable that tells the commands where."""
    router = open_fake_router(tmp_path / "router")
    server = make_server("127.0.0.1", 0, create_app(router), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("MLOPS_ROUTER_PORT", str(server.server_port))
    yield server.server_port
    server.shutdown()
    thread.join(300)
    server.server_close()
    router.close()


@pytest.fixture
def wines(tmp_path: Path) -> Path:
    """Four labelled wines and one without a label."""
    rows = [ROW.format(alcohol=9 + number, quality=quality) for number, quality in enumerate([5, 6, 5, 6, ""])]
    path = tmp_path / "wines.csv"
    path.write_text("\n".join([COLUMNS, *rows]) + "\n", encoding="utf-8")
    return path


def test_rows_are_sent_at_the_rate_and_every_truth_comes_back(mlops, home, port, wines):
    done = mlops("simulate", "wine_quality", "--from", str(wines), "--rate", "100", "--seconds", "0.6", "--json")
    found = json.loads(done.out[-1])
    assert done.code == 0, done.out
    assert (found["requests"], found["failed"], found["interrupted"]) == (60, {}, False)
    assert found["seconds"] >= 0.59 + 0.2  # the last is due after 59 hundredths, its truth 0.2 s later
    assert {(one["arm"], one["version"]) for one in found["answers"]} == {("A", 1), ("B", 2)}
    assert sum(one["answers"] for one in found["answers"]) == 60
    assert found["latency_ms"]["p50"] <= found["latency_ms"]["p99"] <= found["latency_ms"]["max"]
    (stored,) = found["truths"].values()
    assert stored == 60
    assert any("arm B, version 2" in line for line in done.out)


def test_truths_are_lost_doubled_and_wrong_as_the_seed_says(mlops, home, port, wines):
    ways = ["--lossy", "0.2", "--duplicate", "0.3", "--wrong", "0.3", "--delay", "0.02", "--concurrency", "1"]
    asked = ("simulate", "wine_quality", "--from", str(wines), "--requests", "50", *ways, "--json")
    one, again = (json.loads(mlops(*asked).out[-1]) for _ in range(2))
    assert one["truths"] == again["truths"]
    assert set(one["truths"]) > {"duplicate"}
    assert "corrected" in one["truths"]
    assert one["requests"] == 50


def test_a_request_that_fails_is_counted_by_its_reason_and_is_exit_code_1(mlops, home, port, wines):
    with wines.open("a", encoding="utf-8") as file:
        file.write(ROW.format(alcohol="", quality=5) + "\n")
    done = mlops("simulate", "wine_quality", "--from", str(wines), "--requests", "10", "--json")
    found = json.loads(done.out[-1])
    assert done.code == 1
    assert sum(found["failed"].values()) == 2  # rows 5 and 10 of the labelled ones
    ((reason, example),) = found["failed_examples"].items()
    assert reason.startswith("predict: 422")
    assert "alcohol" in example


def test_a_router_that_is_not_there_is_one_sentence(mlops, home, wines, monkeypatch):
    monkeypatch.setenv("MLOPS_ROUTER_PORT", str(free_port()))
    done = mlops("simulate", "wine_quality", "--from", str(wines))
    assert (done.code, len(done.err)) == (2, 1)
    assert "is the router up? start it: mlops serve" in done.err[0]


@pytest.mark.parametrize("options", [["--seconds", "3"], ["--seconds", "3", "--rate", "5", "--requests", "4"]])
def test_seconds_without_a_rate_say_nothing(mlops, home, wines, options):
    done = mlops("simulate", "wine_quality", "--from", str(wines), *options)
    assert done.code == 2
    assert "--seconds goes with --rate" in done.err[-1]


class Interrupting:
    """A client whose fourth request meets Ctrl-C."""

    def __init__(self) -> None:
        self.asked = 0

    def post(self, path: str, body: dict) -> Reply:
        self.asked += 1
        if self.asked == 4:
            os.kill(os.getpid(), signal.SIGINT)
        return Reply(200, {"prediction_id": "p", "arm": "A", "version": 1, "degraded": False})


def test_ctrl_c_stops_and_still_reports():
    client, before = Interrupting(), signal.getsignal(signal.SIGINT)
    plan = (Asking(Labelled({}, 5), (Telling(3600.0, 5),)) for _ in range(100_000_000))
    tally, ran = send_all(client, "wine_quality", at_rate(plan, None), concurrency=1)
    assert ran.interrupted
    assert tally.asked == client.asked >= 4
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("use_case", "challenger", "words"),
    [
        ("wine_quality", 3, "version 3 of wine_quality is under test and does not serve yet"),
        ("trips", None, "'trips' is not served there; the router reads the use cases when it starts"),
    ],
)
def test_a_router_that_lacks_a_version_is_waited_for_and_then_named(port, monkeypatch, use_case, challenger, words):
    monkeypatch.setattr(router_client, "READY_S", 0.0)
    client = Client(f"http://127.0.0.1:{port}")
    client.wait_until_ready("wine_quality", 2)
    with pytest.raises(TrafficError, match=words):
        client.wait_until_ready(use_case, challenger)
    client.close()


def test_a_use_case_without_a_champion_is_named(monkeypatch):
    monkeypatch.setattr(router_client, "READY_S", 0.0)
    arms = {"use_case": "trips", "champion": None, "challenger": None, "problems": {}}
    answer = SimpleNamespace(ok=False, status_code=503, reason="", url="", json=lambda: {"use_cases": [arms]})
    client = Client("http://router")
    monkeypatch.setattr(client, "_session", lambda: SimpleNamespace(get=lambda *_, **__: answer))
    with pytest.raises(TrafficError, match="trips has no champion yet: the first model is not trained"):
        client.wait_until_ready("trips", None)
