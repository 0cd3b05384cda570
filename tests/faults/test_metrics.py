"""Counts of several processes are one sum, whoever is killed, in files that do not grow in number."""

import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil
import pytest
import requests
from patience import wait_until
from ports import free_port
from prometheus_client.parser import text_string_to_metric_families
from real_router import build_home, post, router

from serving import metrics
from serving.api.predict import WINE
from serving.metric_files import Sum

WORKERS, REQUESTS = 4, 1_000
FORK = multiprocessing.get_context("fork")  # as the server starts its workers


def work(folder: Path, requests: int, counted: Connection) -> None:
    """A worker: counts its requests, says so, and lives until it is killed."""
    metrics.open_files(folder)
    for _ in range(requests):
        metrics.answered("killed", "A", 1, 0.002, [5], False)
    metrics.beat([], {"log": 1}, {})
    counted.send("done")
    signal.pause()


@pytest.fixture
def start(tmp_path: Path):
    """Starts a worker and returns when it has counted."""
    started: list[BaseProcess] = []

    def begin(requests: int) -> BaseProcess:
        ours, theirs = FORK.Pipe(duplex=False)
        process = FORK.Process(target=work, args=(tmp_path, requests, theirs))
        process.start()
        started.append(process)
        with ours, theirs:
            assert ours.poll(300)
        return process

    yield begin
    for process in started:
        kill(process)


def shown(folder: Path, name: str) -> float:
    """Sum over all samples of a name, of any labels."""
    return sum(one.value for metric in Sum(folder).collect() for one in metric.samples if one.name == name)


def kill(process: BaseProcess) -> None:
    process.kill()
    process.join(300)


def test_no_request_is_lost_with_the_workers_that_were_killed(start: Callable[[int], BaseProcess], tmp_path: Path):
    workers = [start(REQUESTS // WORKERS) for _ in range(WORKERS)]
    assert shown(tmp_path, "mlops_answers_total") == REQUESTS
    assert shown(tmp_path, "mlops_workers") == WORKERS
    for process in workers[:2]:
        kill(process)
    assert shown(tmp_path, "mlops_answers_total") == REQUESTS
    assert shown(tmp_path, "mlops_answer_seconds_count") == REQUESTS
    assert shown(tmp_path, "mlops_workers") == WORKERS - 2
    assert shown(tmp_path, "mlops_waiting") == WORKERS - 2


def test_workers_that_are_started_again_and_again_leave_no_more_files(
    start: Callable[[int], BaseProcess], tmp_path: Path
):
    first, second = start(1), start(1)
    files = {path.name for path in tmp_path.iterdir()}
    for _ in range(20):
        kill(second)
        second = start(1)
    assert {path.name for path in tmp_path.iterdir()} == files
    assert shown(tmp_path, "mlops_answers_total") == 22
    assert first.is_alive()


@pytest.mark.slow
def test_a_router_tells_every_answer_of_its_workers_after_two_of_them_were_killed(tmp_path: Path):
    port, rows = free_port(), 10

    def scraped(name: str) -> float:
        text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=60).text
        families = text_string_to_metric_families(text)
        return sum(one.value for family in families for one in family.samples if one.name == name)

    with router(build_home(tmp_path), port, MLOPS_ROUTER_WORKERS="3", MLOPS_ROUTER_POLL_S="0.1") as process:
        wait_until(lambda: scraped("mlops_model_serving") == 2 * 3)  # champion and challenger, in each worker
        for _ in range(REQUESTS // rows):
            post(port, "/predict", {"rows": [WINE] * rows})
        assert scraped("mlops_answers_total") == REQUESTS
        files = set((tmp_path / "run" / "metrics" / str(port)).iterdir())
        before = psutil.Process(process.pid).children()
        for worker in before[:2]:
            worker.kill()
        wait_until(lambda: len(set(psutil.Process(process.pid).children()) - set(before)) == 2)
        wait_until(lambda: scraped("mlops_workers") == 3)
        assert scraped("mlops_answers_total") == REQUESTS
        assert set((tmp_path / "run" / "metrics" / str(port)).iterdir()) == files
