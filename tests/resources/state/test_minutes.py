from datetime import timedelta

import pytest

from resources.state.minutes import (
    ModelMinute,
    PerformanceMinute,
    add_minutes,
    delete_minutes,
    models_since,
    performance_since,
)


@pytest.fixture
def filled(state, at):
    """Three minutes of one process, the second of another one too; a row of another use case and version each."""
    performance = [
        PerformanceMinute("letters", "answer", at + timedelta(minutes=n), 10, n, {"0.1": 10}) for n in (2, 0, 1)
    ]
    models = [
        ModelMinute("letters", 3, at + timedelta(minutes=n), 10, 1, 9.5, {"1.0": 10}, {"bill": 10}) for n in (1, 0, 2)
    ]
    with state.write() as connection:
        add_minutes(connection, performance, models)
        add_minutes(connection, performance[2:], [ModelMinute("letters", 4, at, 1, 0, 1.0, {}, {})])
        add_minutes(connection, [PerformanceMinute("forms", "answer", at, 1, 0, {})], [])
    return state


def test_rows_come_back_by_minute_from_a_moment_on(filled, at):
    with filled.read() as connection:
        rows = performance_since(connection, "letters", at + timedelta(minutes=1))
        assert [(row.minute - at).seconds // 60 for row in rows] == [1, 1, 2]
        assert rows[0] == PerformanceMinute("letters", "answer", at + timedelta(minutes=1), 10, 1, {"0.1": 10})
        models = models_since(connection, "letters", 3, at)
        assert [(row.minute - at).seconds // 60 for row in models] == [0, 1, 2]
        assert models[0].classes == {"bill": 10}


def test_old_minutes_of_a_use_case_are_forgotten(filled, at):
    with filled.write() as connection:
        delete_minutes(connection, "letters", at + timedelta(minutes=2))
        assert len(performance_since(connection, "letters", at)) == 1
        assert len(models_since(connection, "letters", 3, at)) == 1
        assert models_since(connection, "letters", 4, at) == []
        assert len(performance_since(connection, "forms", at)) == 1
