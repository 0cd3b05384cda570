import threading

import pytest

from resources.state import audit
from resources.state.conflict import ConflictError
from resources.state.routing import change_routing, open_routing, read_routing


def test_no_routing_before_it_is_opened(state):
    with state.read() as connection:
        assert read_routing(connection, "wine_quality") is None


def test_salt_and_split_of_the_first_opening_stay(state, at):
    with state.write() as connection:
        first = open_routing(connection, "wine_quality", 0.2, at=at, by="router")
    with state.write() as connection:
        again = open_routing(connection, "wine_quality", 0.9, at=at, by="router")
    assert again == first
    assert (first.version, first.phase, first.split_b) == (1, 1, 0.2)
    assert len(first.salt) == 32


def test_two_use_cases_have_different_salts(state, at):
    with state.write() as connection:
        one = open_routing(connection, "wine_quality", 0.2, at=at, by="router")
        two = open_routing(connection, "delivery_time", 0.2, at=at, by="router")
    assert one.salt != two.salt


def test_changed_split_opens_a_phase_and_keeps_the_salt(state, at):
    with state.write() as connection:
        before = open_routing(connection, "wine_quality", 0.2, at=at, by="router")
        after = change_routing(connection, "wine_quality", 0.5, expected=1, at=at, by="ann")
        assert read_routing(connection, "wine_quality") == after
        (change,) = audit.last_changes(connection, "wine_quality")
    assert (after.split_b, after.version, after.phase, after.salt) == (0.5, 2, 2, before.salt)
    assert (change.who, change.action) == ("ann", "config")
    assert (change.before["split_b"], change.after["split_b"]) == (0.2, 0.5)


def test_same_split_changes_nothing(state, at):
    with state.write() as connection:
        before = open_routing(connection, "wine_quality", 0.2, at=at, by="router")
        assert change_routing(connection, "wine_quality", 0.2, expected=1, at=at, by="ann") == before
        assert audit.last_changes(connection, "wine_quality") == []


@pytest.mark.parametrize("expected", [0, 2])
def test_wrong_version_is_a_conflict(state, at, expected):
    with state.write() as connection:
        open_routing(connection, "wine_quality", 0.2, at=at, by="router")
        with pytest.raises(ConflictError, match=f"expected version {expected}, it is at version 1 with split_b 0.2"):
            change_routing(connection, "wine_quality", 0.5, expected=expected, at=at, by="ann")


def test_change_before_opening_is_a_conflict(state, at):
    with state.write() as connection, pytest.raises(ConflictError, match="not open yet"):
        change_routing(connection, "wine_quality", 0.5, expected=1, at=at, by="ann")


@pytest.mark.parametrize("split_b", [-0.1, 1.1, float("nan"), float("inf")])
def test_split_outside_a_share_is_refused(state, at, split_b):
    with state.write() as connection:
        open_routing(connection, "wine_quality", 0.2, at=at, by="router")
        with pytest.raises(ValueError, match="a share from 0 to 1 is due"):
            change_routing(connection, "wine_quality", split_b, expected=1, at=at, by="ann")


def test_of_many_writers_with_one_version_one_wins(state, at):
    with state.write() as connection:
        open_routing(connection, "wine_quality", 0.0, at=at, by="router")
    outcomes: list[str] = []

    def change(split_b: float) -> None:
        try:
            with state.write() as connection:
                change_routing(connection, "wine_quality", split_b, expected=1, at=at, by="ann")
            outcomes.append("won")
        except ConflictError:
            outcomes.append("conflict")

    threads = [threading.Thread(target=change, args=(0.1 * number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 7 + ["won"]
