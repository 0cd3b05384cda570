from datetime import UTC, datetime

import pytest

from resources.state import audit, promotions
from serving.router import utc_now
from serving.wanted import Rows, Wanted

NAME = "wine_quality"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def promote(state, to_version, expected):
    with state.write() as connection:
        promotions.promote(
            connection, NAME, to_version, expected=expected, kind="promote", reason="", at=AT, by="graph"
        )  # fmt: skip


@pytest.fixture
def rows(state, use_cases):
    return Rows(use_cases, state, utc_now, reread_s=1e9)


def test_nothing_is_wanted_before_the_first_promotion(rows):
    assert set(rows.read().values()) == {Wanted()}


def test_a_promotion_is_seen_at_the_next_look(rows, state):
    rows.read()
    promote(state, 1, None)
    assert rows.read()[NAME] == Wanted(champion=1)
    promote(state, 2, 1)
    assert rows.read()[NAME] == Wanted(champion=2, previous=1)


def refusals(state):
    with state.read() as connection:
        return [(change.who, change.action, change.after) for change in audit.last_changes(connection, NAME)]


def test_a_refusal_is_kept_once(rows, state):
    for _ in range(3):
        rows.record_refusal(NAME, 3, "model.onnx: 5 bytes")
    rows.record_refusal(NAME, 3, "another reason")
    assert refusals(state) == [
        ("router", "refuse version", {"version": 3, "reason": "another reason"}),
        ("router", "refuse version", {"version": 3, "reason": "model.onnx: 5 bytes"}),
    ]
