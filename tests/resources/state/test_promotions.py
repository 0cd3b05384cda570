import threading

import pytest

from resources.state import audit, promotions
from resources.state.conflict import ConflictError


def test_no_champion_before_the_first_row(state):
    with state.read() as connection:
        assert promotions.current(connection, "wine_quality") is None
        assert promotions.previous(connection, "wine_quality") is None


def test_last_row_names_champion_and_previous(state, at):
    with state.write() as connection:
        promotions.promote(connection, "w", 1, expected=None, kind="first", reason="first", at=at, by="graph")
        promotions.promote(
            connection, "w", 2, expected=1, kind="promote", reason="better", at=at, by="graph", verdict_id=7
        )
        promotions.promote(connection, "v", 9, expected=None, kind="first", reason="other", at=at, by="graph")
    with state.read() as connection:
        assert promotions.current(connection, "w") == 2
        assert promotions.previous(connection, "w") == 1
        rows = promotions.history(connection, "w")
    assert [(row.number, row.from_version, row.to_version, row.kind, row.verdict_id) for row in rows] == [
        (2, 1, 2, "promote", 7),
        (1, None, 1, "first", None),
    ]


def test_promotion_leaves_an_audit_row(state, at):
    with state.write() as connection:
        promotions.promote(connection, "w", 1, expected=None, kind="first", reason="first", at=at, by="ann")
        (change,) = audit.last_changes(connection, "w")
    assert (change.who, change.action, change.before) == ("ann", "first", None)
    assert change.after == {"version": 1, "reason": "first"}


def test_wrong_expectation_is_a_conflict(state, at):
    with state.write() as connection:
        promotions.promote(connection, "w", 1, expected=None, kind="first", reason="", at=at, by="graph")
        with pytest.raises(ConflictError, match="expected version 3, it is 1"):
            promotions.promote(connection, "w", 4, expected=3, kind="promote", reason="", at=at, by="graph")


def test_of_two_racing_promotions_one_wins(state, at):
    with state.write() as connection:
        promotions.promote(connection, "w", 1, expected=None, kind="first", reason="", at=at, by="graph")
    for champion in range(1, 11):
        outcomes = _race(state, at, champion)
        assert sorted(outcomes) == ["conflict", "won"]
    with state.read() as connection:
        assert promotions.current(connection, "w") == 11
        assert len(promotions.history(connection, "w")) == 11


def _race(state, at, champion: int) -> list[str]:
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def promote() -> None:
        barrier.wait(timeout=300)
        try:
            with state.write() as connection:
                promotions.promote(
                    connection, "w", champion + 1, expected=champion, kind="promote", reason="", at=at, by="graph"
                )
            outcomes.append("won")
        except ConflictError:
            outcomes.append("conflict")

    threads = [threading.Thread(target=promote) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
