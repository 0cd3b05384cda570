import pytest

from resources.state.promotions import promote
from resources.state.retrains import begin_retrain, challenger_version, change_retrain, find_retrain, retrains_of
from resources.state.verdicts import StoredVerdict, record_verdict


@pytest.fixture
def begin(state, at):
    def begin(run_id: str, **changes):
        values = {"use_case": "wine", "dagster_run_id": run_id, "data_hash": "h", "batches": ["a", "b"], "rows": 7}
        values |= {"cause": "drift", "drift_id": 3, "started_at": at} | changes
        with state.write() as connection:
            return begin_retrain(connection, **values)

    return begin


@pytest.fixture
def register(state, begin, at):
    def register(version: int) -> None:
        retrain = begin(f"run {version}")
        with state.write() as connection:
            change_retrain(connection, retrain.id, status="registered", version=version, finished_at=at)

    return register


def challenger(state) -> int | None:
    with state.read() as connection:
        return challenger_version(connection, "wine")


def test_a_retrain_begins_prepared_with_its_data(begin):
    retrain = begin("run")
    assert (retrain.status, retrain.batches, retrain.rows, retrain.version) == ("prepared", ["a", "b"], 7, None)


def test_a_run_that_begins_again_keeps_its_row(state, begin):
    first, again = begin("run"), begin("run", rows=9)
    assert (again.id, again.rows) == (first.id, 9)
    with state.read() as connection:
        assert len(retrains_of(connection, "wine")) == 1


def test_the_retrain_of_a_run_or_else_the_newest(state, begin):
    first, second = begin("run 1"), begin("run 2")
    with state.read() as connection:
        assert find_retrain(connection, "wine", "run 1") == first
        assert find_retrain(connection, "wine", "by hand") == second
        assert find_retrain(connection, "beer", "run 1") is None


def test_the_newest_registered_version_is_under_test(state, register):
    assert challenger(state) is None
    register(1)
    register(2)
    assert challenger(state) == 2


def test_a_version_that_was_champion_is_not_under_test(state, register, at):
    register(1)
    with state.write() as connection:
        promote(connection, "wine", 1, expected=None, kind="first", reason="first", at=at, by="tests")
    assert challenger(state) is None


@pytest.mark.parametrize(
    ("outcome", "under_test"), [("continue", 2), ("promote", 2), ("reject", None), ("equivalent", None)]
)
def test_a_verdict_that_ends_the_test_takes_the_challenger_away(state, register, at, outcome, under_test):
    register(1)
    register(2)
    with state.write() as connection:
        record_verdict(connection, StoredVerdict("wine", 1, 2, outcome, 0.1, 0.0, 0.2, 50, at, "said"))
    assert challenger(state) == under_test
