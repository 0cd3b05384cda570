import pytest

from resources.state.drift_log import (
    drift_after,
    drift_before,
    labelled_before,
    last_drift_id,
    latest_drift,
    others_since,
    record_drift,
)


@pytest.fixture
def record(state, at):
    def record(key: str, **changes) -> int:
        values = {"use_case": "wine", "key": key, "champion_version": 1, "status": "drift", "model_status": "no_labels"}
        values |= {"worst_column": "pH", "sentence": "pH moved", "at": at} | changes
        with state.write() as connection:
            return record_drift(connection, **values)

    return record


def test_events_are_read_in_order_from_a_number_on(state, record):
    first, second, third = record("a"), record("b"), record("c")
    record("d", use_case="other")
    with state.read() as connection:
        assert [event.id for event in drift_after(connection, "wine", first)] == [second, third]
        assert [event.key for event in latest_drift(connection, "wine", 2)] == ["c", "b"]
        assert last_drift_id(connection, "wine") == third


def test_before_the_first_event_the_number_is_zero(state):
    with state.read() as connection:
        assert last_drift_id(connection, "wine") == 0


def test_the_same_finding_again_is_the_same_event(state, record, at):
    first = record("a", worst_column=None)
    assert record("a", worst_column=None, at=at.replace(hour=13)) == first


@pytest.mark.parametrize(
    "change",
    [{"champion_version": 2}, {"status": "no_drift"}, {"model_status": "drift"}, {"sentence": "moved more"}],
)
def test_another_finding_about_a_batch_is_another_event(record, change):
    assert record("a") != record("a", **change)


LOSSES = {"loss_max": 1.0, "mass": {"0": 3.0}}


@pytest.fixture
def keys(state):
    """Keys of the labelled batches before one, in their order."""

    def read(*arguments) -> list[str]:
        with state.read() as connection:
            return [event.key for event in labelled_before(connection, "wine", *arguments)]

    return read


def test_labelled_batches_of_one_champion_are_read_in_the_order_of_scoring(record, keys):
    for key in "bac":
        record(key, losses=LOSSES)
    record("without labels")
    record("d", losses=LOSSES, champion_version=2)
    record("e", losses=LOSSES, use_case="other")
    assert keys(1) == ["b", "a", "c"]
    assert keys(1, "new") == ["b", "a", "c"]
    assert keys(2, "new") == ["d"]


def test_a_batch_scored_again_meets_the_batches_that_it_met_at_first(record, keys):
    for key in "abc":
        record(key, losses=LOSSES)
    record("a", losses=LOSSES, sentence="moved more")
    assert keys(1, "b") == ["a"]
    assert keys(1, "a") == []
    assert keys(1) == ["a", "b", "c"]


def test_losses_and_harm_are_kept_with_the_event_and_make_no_second_one(state, record):
    first = record("a", losses=LOSSES, harm={"proven": True}, checked={"rows": 3})
    assert record("a", losses=None, harm=None) == first
    with state.read() as connection:
        (event,) = drift_after(connection, "wine", 0)
    assert (event.losses, event.harm, event.checked) == (LOSSES, {"proven": True}, {"rows": 3})


def before(state, key, version=1, recent=10):
    with state.read() as connection:
        return drift_before(connection, "wine", version, key, recent)


def test_what_came_before_a_batch_is_each_batch_of_its_champion_once(state, record):
    record("a", status="no_drift", rows=100, shifts={"pH": 0.25})
    record("b", rows=200, shifts={"pH": 0.5})
    record("b", model_status="drift")  # its labels came
    record("c", status="too_small")
    record("d", champion_version=2)
    record("e", use_case="other")
    found = before(state, "f")
    assert (found.scored, found.alarms, [event.key for event in found.recent]) == (2, 1, ["a", "b"])
    assert (found.recent[1].rows, found.recent[1].shifts) == (200, {"pH": 0.5})
    assert [event.key for event in before(state, "f", recent=1).recent] == ["b"]


def test_a_batch_that_is_scored_again_keeps_its_place(state, record):
    for key in "abc":
        record(key, status="no_drift")
    assert (before(state, "b").scored, before(state, "d").scored) == (1, 3)


def test_the_same_finding_with_shifts_is_the_same_event(record):
    assert record("a", rows=5, shifts={"pH": 0.1}) == record("a", rows=5, shifts={"pH": 0.1})


def test_a_batch_has_company_where_another_was_first_scored_since_a_number(state, record):
    first = record("a")
    looked = record("b")
    record("a", status="no_drift")  # scored again: it keeps its place
    record("c", champion_version=2)
    with state.read() as connection:
        assert not others_since(connection, "wine", 1, "new", looked)
        assert others_since(connection, "wine", 1, "new", first)
        assert not others_since(connection, "wine", 1, "a", 0)  # a place of its own is not taken from it
