"""Routes while the state database is locked, or does not answer."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from resources.state.database import State, metadata

ID = "0b9f4e1c-7d0e-4a58-9a0e-0c1f2b8f3f11"
READS = [
    "/ab",
    "/audit",
    "/documents",
    f"/document/{ID}",
    f"/prediction/history/{ID}",
    "/promotions?use_case=wine_quality",
    f"/predictions/{ID}",
]
WRITES = {
    "/config": {"use_case": "wine_quality", "ab_split_b": 0.3},
    "/promote": {"use_case": "wine_quality", "to_version": 2, "expected_version": None, "reason": "for a test"},
    "/feedback": {"prediction_id": ID, "truth": 6},
}
AWAY = [
    sa.exc.OperationalError("SELECT", {}, Exception("server closed the connection")),
    sa.exc.InterfaceError("SELECT", {}, Exception("the connection is closed")),
    sa.exc.TimeoutError("QueuePool limit reached"),
]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """One that does not wait long for others."""
    state = State(f"sqlite:///{tmp_path / 'state.db'}", busy_timeout=10)
    metadata.create_all(state.engine)
    yield state
    state.close()


@pytest.mark.parametrize("route", WRITES)
def test_a_change_is_asked_for_again_while_the_database_is_locked(client, tmp_path, route):
    with closing(sqlite3.connect(tmp_path / "state.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = client.post(route, json=WRITES[route])
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert "try again" in refused.json["detail"]
    assert client.post(route, json=WRITES[route]).status_code == 200


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_a_question_is_asked_again_while_the_database_does_not_answer(client, monkeypatch, error):
    def read(_):
        raise error

    monkeypatch.setattr(State, "read", read)
    for route in READS:
        refused = client.get(route)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2"), route
        assert "the state database does not answer" in refused.json["detail"]
