from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from resources.state import keys
from serving.key_ring import KeyRing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def now():
    return [NOON]


@pytest.fixture
def text(state):
    with state.write() as connection:
        return keys.create(connection, "viewer", at=NOON, by="test")[1]


@pytest.fixture
def ring(state, now, text):
    return KeyRing(state, lambda: now[0])


def last_used(state) -> datetime | None:
    with state.read() as connection:
        (key,) = keys.all_keys(connection)
    return key.last_used_at


def test_a_key_is_checked_without_asking_the_database(ring, state, text):
    asked = []
    sa.event.listen(state.engine, "begin", asked.append)
    assert ring.check(text).role == "viewer"
    assert ring.check("mlops_0123456789.wrong") is None
    assert asked == []


def test_the_last_use_is_written_once_a_minute(ring, state, now, text):
    ring.check(text)
    ring.refresh()
    assert last_used(state) is None
    now[0] = NOON + timedelta(seconds=61)
    ring.refresh()
    assert last_used(state) == NOON
    ring.check(text)
    now[0] = NOON + timedelta(seconds=100)
    ring.refresh()
    assert last_used(state) == NOON


def test_a_wrong_key_is_no_use(ring, state, now, text):
    ring.check(text + "x")
    now[0] = NOON + timedelta(minutes=2)
    ring.refresh()
    assert last_used(state) is None
