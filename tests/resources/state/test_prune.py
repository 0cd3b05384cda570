from datetime import timedelta

import pytest
import sqlalchemy as sa

from resources.state.feedback import Event, feedback_events, record_many
from resources.state.labelling import find_known
from resources.state.labels import labels
from resources.state.predictions import count_arms, insert, predictions
from resources.state.prune import Pruning, count_old, prune_block
from resources.state.truth import Truths


@pytest.fixture
def filled(state, make_prediction, at):
    """Ten rows an hour apart, the even ones of a pair under test, all labelled; one of another use case."""
    with state.write() as connection:
        for number in range(10):
            versions = (
                {"champion_version": 2, "challenger_version": 3} if number % 2 == 0 else {"challenger_version": None}
            )
            insert(connection, [make_prediction(f"p{number}", at=at + timedelta(hours=number), **versions)])
        insert(connection, [make_prediction("other", use_case="delivery_time")])
        ids = [f"p{number}" for number in range(10)] + ["other"]
        record_many(connection, [Event(one, 6, at) for one in ids], find_known(connection, ids), Truths({}))
    return state


def left(state, table) -> set[str]:
    with state.read() as connection:
        return set(connection.execute(sa.select(table.c.prediction_id)).scalars())


def prune_all(state, pruning, rows=3) -> int:
    removed, after = 0, 0
    while after is not None:
        gone, after = prune_block(state, pruning, after, rows)
        removed += gone
    return removed


def test_old_rows_go_with_what_was_told_about_them(filled, at):
    pruning = Pruning("wine_quality", at + timedelta(hours=5), None)
    with filled.read() as connection:
        assert count_old(connection, pruning) == (5, 0)
    assert prune_all(filled, pruning) == 5
    for table in (predictions, labels, feedback_events):
        assert left(filled, table) == {"p5", "p6", "p7", "p8", "p9", "other"}


def test_rows_of_a_running_experiment_stay(filled, at):
    pruning = Pruning("wine_quality", at + timedelta(hours=5), (2, 3))
    with filled.read() as connection:
        assert count_old(connection, pruning) == (2, 3)
    assert prune_all(filled, pruning) == 2
    assert left(filled, predictions) == {"p0", "p2", "p4", *(f"p{number}" for number in range(5, 10)), "other"}


def test_counts_tell_what_happened_also_of_rows_that_went(filled, at):
    prune_all(filled, Pruning("wine_quality", at + timedelta(hours=50), None))
    with filled.read() as connection:
        assert count_arms(connection, "wine_quality", 2, 3) == {"A": 5, "B": 0}


def test_pruning_ends_at_the_first_block_without_old_rows(filled, at):
    gone, after = prune_block(filled, Pruning("wine_quality", at, None), rows=3)
    assert (gone, after) == (0, None)
