from dataclasses import replace
from datetime import timedelta

import pytest

from mlops_assets.use_cases.load import find_use_case
from resources.state.planned import planned_splits
from resources.state.promotions import promote
from resources.state.retrains import challenger_version
from resources.state.routing import meet_challenger, open_routing
from resources.state.verdicts import StoredVerdict, record_verdict
from resources.state.watch import watch_budget, watched_version

WINE = "wine_quality"


@pytest.fixture
def replaced(state, at):
    """Version 2 replaced version 1, which is watched for 100 labels."""
    with state.write() as connection:
        promote(connection, WINE, 1, expected=None, kind="first", reason="first", at=at, by="tests")
        promote(connection, WINE, 2, expected=1, kind="promote", reason="better", at=at, by="verdict", watch_labels=100)
    return state


def judged(state, at, outcome, takes_over=False, after=timedelta(hours=1)):
    with state.write() as connection:
        verdict = StoredVerdict(WINE, 2, 1, outcome, 0.0, -0.1, 0.1, 9, at + after, "said")
        record_verdict(connection, replace(verdict, takes_over=takes_over))


def test_the_champion_before_is_under_test_again(replaced):
    with replaced.read() as connection:
        assert challenger_version(connection, WINE) == watched_version(connection, WINE) == 1
        assert (watch_budget(connection, WINE, 1), watch_budget(connection, WINE, 3)) == (100, None)


@pytest.mark.parametrize(
    ("outcome", "takes_over", "watched"),
    [("continue", False, 1), ("promote", True, 1), ("reject", False, None), ("inconclusive", False, None)],
)
def test_the_watch_ends_with_a_verdict(replaced, at, outcome, takes_over, watched):
    judged(replaced, at, outcome, takes_over)
    with replaced.read() as connection:
        assert watched_version(connection, WINE) == watched


def test_a_rollback_is_not_watched_and_a_pair_is_watched_once(replaced, at):
    judged(replaced, at, "promote", takes_over=True)
    with replaced.write() as connection:
        promote(connection, WINE, 1, expected=2, kind="rollback", reason="worse", at=at, by="verdict")
        assert watched_version(connection, WINE) is None
        again = at + timedelta(hours=2)
        promote(connection, WINE, 2, expected=1, kind="promote", reason="sure", at=again, by="ann", watch_labels=100)
        assert watched_version(connection, WINE) is None


def test_a_watched_version_answers_nobody_and_the_next_challenger_does_again(replaced, at):
    wine = find_use_case(WINE)
    with replaced.write() as connection:
        before = open_routing(connection, wine, at=at)
        watch = meet_challenger(connection, WINE, 1, at=at)
        assert (watch.split_b, watch.watched, watch.phase) == (0.0, True, before.phase + 1)
        after = meet_challenger(connection, WINE, 3, at=at)
        assert (after.split_b, after.watched, after.phase) == (before.split_b, False, before.phase + 2)
        assert planned_splits(connection, wine) == {1: 0.3, 2: 0.0, 3: 0.3}
