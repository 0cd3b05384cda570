import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from resources.state import audit
from resources.state.database import State
from serving.refusals import ROWS_A_MINUTE, Refusals

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def now():
    return [NOON]


@pytest.fixture
def refusals(state, now):
    hasty = State(state.url, busy_timeout=10)
    yield Refusals(hasty, lambda: now[0])
    hasty.close()


def rows(state) -> list[audit.Change]:
    with state.read() as connection:
        return audit.last_changes(connection, None, limit=1000)


def attack(refusals, times: int) -> None:
    for number in range(times):
        refusals.note("203.0.113.9", "GET /config", f"r-{number}", "public", 401 if number % 2 else 429)


def test_nothing_is_written_before_the_flush(refusals, state):
    attack(refusals, 1)
    assert rows(state) == []
    refusals.flush()
    assert [row.request_id for row in rows(state)] == ["r-0"]


def test_an_attack_fills_a_few_rows_a_minute_and_one_that_counts_the_rest(refusals, state, now):
    attack(refusals, ROWS_A_MINUTE + 100)
    refusals.flush()
    assert len(rows(state)) == ROWS_A_MINUTE
    attack(refusals, 100)
    now[0] = NOON + timedelta(minutes=1)
    refusals.flush()
    assert len(rows(state)) == ROWS_A_MINUTE + 1
    assert rows(state)[0].after == {"statuses": {"401": 100, "429": 100}}


def test_the_next_minute_has_room_again(refusals, state, now):
    attack(refusals, ROWS_A_MINUTE)
    now[0] = NOON + timedelta(minutes=1)
    refusals.flush()
    attack(refusals, 1)
    refusals.flush()
    assert len(rows(state)) == ROWS_A_MINUTE + 1
    assert rows(state)[0].request_id == "r-0"


def test_what_a_locked_database_did_not_take_is_written_later(refusals, state, tmp_path, now):
    attack(refusals, ROWS_A_MINUTE + 2)
    now[0] = NOON + timedelta(minutes=1)
    with closing(sqlite3.connect(tmp_path / "state.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            refusals.flush()
    attack(refusals, 1)
    refusals.flush()
    assert [row.request_id for row in rows(state)][1:] == [None, *(f"r-{n}" for n in reversed(range(ROWS_A_MINUTE)))]
    assert rows(state)[1].after == {"statuses": {"401": 1, "429": 1}}


def test_the_last_flush_tells_what_the_minute_would_have(refusals, state):
    attack(refusals, ROWS_A_MINUTE + 2)
    refusals.flush(last=True)
    assert rows(state)[0].after == {"statuses": {"401": 1, "429": 1}}
