"""Stickiness over restarts, processes and changed splits; changes of the configuration by many at once."""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pytest
from fake_router import open_fake_router
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import PATIENCE_S, wait_until

from mlops_assets.use_cases.load import find_use_case
from resources.state import audit, tables
from resources.state.database import State, metadata
from serving.app import create_app
from serving.router import Router, utc_now
from serving.routing import bucket, choose_arm
from serving.splits import Splits

assert tables.__all__  # every table stands on `metadata`
NAME = "wine_quality"
WINE = find_use_case(NAME)
UNITS = st.text(st.characters(), max_size=400)  # surrogates and the empty text included
NASTY = ["", " ", "\x00", "\ud800", "\udfff\udfff", "a" * 100_000, "Zoë", "Zoe\u0308", "0", "None", "🍷" * 300]
IDS = [*NASTY, *(f"customer-{number}" for number in range(500))]
CHILD = """
import json, sys
from serving.routing import choose_arm
ids, salt, splits = json.load(sys.stdin)
json.dump([[choose_arm(unit, salt, split) for unit in ids] for split in splits], sys.stdout)
"""
WRITERS, READERS, ROUNDS = 20, 4, 4


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State(f"sqlite:///{tmp_path / 'state.db'}")
    metadata.create_all(state.engine)
    yield state
    state.close()


@settings(max_examples=500)
@given(st.sets(UNITS, min_size=1, max_size=20), st.floats(0, 1), st.floats(0, 1))
def test_another_split_moves_exactly_the_buckets_between(units, one, other):
    low, high = sorted((one, other))
    before, after = ({unit: choose_arm(unit, "salt", split) for unit in units} for split in (low, high))
    moved = {unit for unit in units if before[unit] != after[unit]}
    assert moved == {unit for unit in units if low <= bucket(unit, "salt") < high}
    assert {after[unit] for unit in moved} <= {"B"}


def test_two_processes_agree_about_every_unit():
    splits = (0.0, 0.01, 0.3, 0.999, 1.0)
    asked = json.dumps([IDS, "0123456789abcdef", splits])
    child = subprocess.run([sys.executable, "-c", CHILD], input=asked, capture_output=True, text=True, check=True)
    assert json.loads(child.stdout) == [[choose_arm(one, "0123456789abcdef", split) for one in IDS] for split in splits]


def test_a_restart_and_a_second_worker_keep_every_unit_in_its_arm(state):
    workers = [Splits([WINE], state, utc_now) for _ in range(3)]
    assigned = [[choose_arm(unit, one.of(NAME).salt, one.of(NAME).split_b) for unit in IDS] for one in workers]
    assert assigned[0] == assigned[1] == assigned[2]
    assert set(assigned[0]) == {"A", "B"}


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[list[Router]]:
    """Two workers on one database that follow each other."""
    opened = [open_fake_router(tmp_path / "home") for _ in range(2)]
    for router in opened:
        router.start()
    yield opened
    for router in opened:
        router.close()


def test_of_many_writers_none_loses_an_update_and_every_worker_follows(workers: list[Router]) -> None:
    clients = [create_app(router).test_client for router in workers]
    start = _config(clients[0]())
    statuses: Counter[int] = Counter()
    went_back: list[tuple[int, int]] = []
    read_first, writing = threading.Barrier(WRITERS, timeout=PATIENCE_S), [True] * WRITERS

    def write(client: FlaskClient) -> None:
        try:
            for _ in range(ROUNDS):
                seen = _config(client)
                read_first.wait()  # so that all but one of those who saw the same version must lose
                body = {"use_case": NAME, "ab_split_b": seen["ab_split_b"] + 0.0001, "version": seen["version"]}
                statuses[client.post("/config", json=body).status_code] += 1
        finally:
            writing.pop()

    def read(client: FlaskClient) -> None:
        last = 0
        while writing:
            seen = _config(client)["version"]
            if seen < last:
                went_back.append((last, seen))
            last = seen

    _together([write] * WRITERS + [read] * READERS, clients)
    assert set(statuses) == {200, 409}
    last = start["version"] + statuses[200]
    wait_until(lambda: {_config(client())["version"] for client in clients} == {last})
    found = [_config(client()) for client in clients]
    assert [one["version"] for one in found] == [last, last]
    assert [round((one["ab_split_b"] - start["ab_split_b"]) * 10_000) for one in found] == [statuses[200]] * 2
    with workers[0].state.read() as connection:
        changes = audit.last_changes(connection, NAME, limit=100_000)
    assert [change.after["version"] for change in reversed(changes)] == list(range(start["version"] + 1, last + 1))
    assert went_back == []


def _together(jobs: list[Callable[[FlaskClient], None]], clients: list[Callable[[], FlaskClient]]) -> None:
    """Run each job in a thread with a client of its own, the workers taken in turn."""
    threads = [threading.Thread(target=job, args=(client(),)) for job, client in zip(jobs, cycle(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _config(client: FlaskClient) -> dict:
    (found,) = client.get("/config", query_string={"use_case": NAME}).json["use_cases"]
    return found
