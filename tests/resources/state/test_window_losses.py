import pytest

from resources.state.window_losses import latest_window_loss, losses_before, record_window_loss

LOSSES = {"loss_max": 1.0, "mass": {"0": 3.0}}


@pytest.fixture
def record(state, at):
    def record(window: str, version: int = 1, **changes) -> None:
        values = {"use_case": "parcels", "window": window, "champion_version": version, "status": "no_drift"}
        with state.write() as connection:
            record_window_loss(connection, **values | {"sentence": "fine", "losses": LOSSES, "at": at} | changes)

    return record


def test_windows_with_losses_come_back_in_the_order_of_scoring_up_to_one(state, record):
    for window in ("c", "a", "b"):
        record(window)
    record("without", losses=None)
    record("other version", version=2)
    with state.read() as connection:
        assert [one.window for one in losses_before(connection, "parcels", 1, "b")] == ["c", "a"]
        assert [one.window for one in losses_before(connection, "parcels", 1, "new")] == ["c", "a", "b"]
        assert losses_before(connection, "parcels", 1, "new")[0].losses == LOSSES


def test_a_window_is_written_once_for_each_version(state, record):
    record("a")
    record("a", status="drift", sentence="again")
    with state.read() as connection:
        assert latest_window_loss(connection, "parcels").sentence == "fine"
        assert len(losses_before(connection, "parcels", 1, "new")) == 1


def test_before_the_first_there_is_none(state):
    with state.read() as connection:
        assert latest_window_loss(connection, "parcels") is None
