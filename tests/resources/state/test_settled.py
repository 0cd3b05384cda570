"""What was settled, in the order of time, each thing once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from resources.state.promotions import promote
from resources.state.settled import settled_after
from resources.state.verdicts import StoredVerdict, latest, record_verdict

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
REJECT = StoredVerdict("wine", 1, 2, "reject", -0.1, -0.2, -0.05, 80, NOON + HOUR, "worse")


@pytest.fixture
def settle(state):
    """Writes verdicts and promotions; gives what is settled after a promotion and a verdict."""

    def verdict(stored: StoredVerdict) -> int:
        with state.write() as connection:
            record_verdict(connection, stored)
            return latest(connection, "wine").id

    def change(before, after, kind, at, verdict_id=None):
        with state.write() as connection:
            promote(
                connection, "wine", after, expected=before, kind=kind, reason="", at=at, by="x", verdict_id=verdict_id
            )  # fmt: skip

    def found(**after) -> list[tuple[str, int, int | None]]:
        with state.read() as connection:
            return [(one.kind, one.champion, one.other) for one in settled_after(connection, "wine", **after)]

    change(None, 1, "first", NOON)
    return verdict, change, found


def test_changes_and_endings_are_told_in_the_order_of_time(settle):
    verdict, change, found = settle
    change(1, 3, "promote", NOON + 2 * HOUR)
    verdict(REJECT)
    assert found() == [("first", 1, None), ("reject", 1, 2), ("promote", 3, 1)]


@pytest.mark.parametrize("outcome", ["equivalent", "inconclusive"])
def test_an_experiment_without_a_winner_is_settled_too(settle, outcome):
    verdict, _, found = settle
    verdict(replace(REJECT, outcome=outcome))
    assert found(promotion=1) == [(outcome, 1, 2)]


@pytest.mark.parametrize("outcome", ["continue", "promote"])
def test_a_verdict_that_leaves_something_to_do_settles_nothing(settle, outcome):
    verdict, _, found = settle
    verdict(replace(REJECT, outcome=outcome, takes_over=outcome == "promote"))
    assert found(promotion=1) == []


def test_an_equal_challenger_that_takes_over_is_settled_by_its_promotion(settle):
    verdict, change, found = settle
    number = verdict(replace(REJECT, outcome="equivalent", takes_over=True))
    assert found(promotion=1) == []
    change(1, 2, "promote", NOON + 2 * HOUR, number)
    assert found(promotion=1) == [("promote", 2, 1)]


def test_what_has_its_certificate_is_left_out(settle):
    verdict, change, found = settle
    number = verdict(REJECT)
    change(1, 3, "promote", NOON + 2 * HOUR)
    assert found(promotion=1, verdict=number) == [("promote", 3, 1)]
    assert found(promotion=2, verdict=0) == [("reject", 1, 2)]
    assert found(promotion=2, verdict=number) == []


def test_a_promotion_comes_with_its_verdict(settle, state):
    verdict, change, _ = settle
    number = verdict(replace(REJECT, outcome="promote", takes_over=True))
    change(1, 2, "promote", NOON + 2 * HOUR, number)
    with state.read() as connection:
        (promoted,) = settled_after(connection, "wine", promotion=1)
    assert (promoted.verdict.id, promoted.at) == (number, NOON + 2 * HOUR)
