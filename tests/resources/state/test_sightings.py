from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from resources.state import ledger
from resources.state.sightings import Sighting, move_cursor, outcomes, read_cursor, record_sighting, seen


def make(
    at: datetime, outcome: str = "new", name: str = "a.csv", marker: str = "3:1", reason: str | None = None
) -> Sighting:
    return Sighting("wine", "folder", name, marker, outcome, reason, None, at)


def test_a_growing_file_has_one_row_however_often_it_changes(state, at) -> None:
    with state.write() as connection:
        for number in range(3):
            record_sighting(connection, make(at + timedelta(seconds=number), "growing", marker=f"{number}:1"))
        assert list(seen(connection, "wine", "folder")) == [("a.csv", "2:1")]
        record_sighting(connection, make(at, marker="2:1"))
        assert outcomes(connection, "wine") == {"new": 1}


def test_each_final_state_of_a_file_is_kept(state, at) -> None:
    with state.write() as connection:
        record_sighting(connection, make(at))
        record_sighting(connection, make(at, "duplicate", marker="3:2"))
        assert outcomes(connection, "wine") == {"duplicate": 1, "new": 1}
        assert seen(connection, "wine", "glob") == {}
    with pytest.raises(sa.exc.IntegrityError), state.write() as connection:
        record_sighting(connection, make(at))


def test_refusals_come_newest_first(state, at) -> None:
    with state.write() as connection:
        record_sighting(connection, make(at))
        for name in ("b.csv", "c.csv", "d.csv"):
            record_sighting(connection, make(at, "refused", name, reason="is a link"))
        assert [one.name for one in ledger.refusals(connection, "wine", 2)] == ["d.csv", "c.csv"]
        assert ledger.refusals(connection, "beer", 2) == []


def test_a_cursor_moves(state, at) -> None:
    with state.write() as connection:
        assert read_cursor(connection, "wine", "sql 1") is None
        move_cursor(connection, "wine", "sql 1", "5", at)
        move_cursor(connection, "wine", "sql 1", "7", at)
        move_cursor(connection, "wine", "sql 2", "1", at)
        assert read_cursor(connection, "wine", "sql 1") == "7"
