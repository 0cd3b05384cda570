"""Counts of several processes are one sum, whoever is killed, in files that do not grow in number."""

import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from serving import metrics
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
            assert ours.poll(60)
        return process

    yield begin
    for process in started:
        kill(process)


def shown(folder: Path, name: str) -> float:
    """Sum over all samples of a name, of any labels."""
    return sum(one.value for metric in Sum(folder).collect() for one in metric.samples if one.name == name)


def kill(process: BaseProcess) -> None:
    process.kill()
    process.join(60)


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
