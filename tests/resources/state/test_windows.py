from datetime import UTC, datetime, timedelta

from resources.state import windows
from resources.state.ledger import Counts, mark_accepted, record_batch
from resources.state.windows import Part, Tally

DAY_S, NAME = 86_400, "parcels"
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def span(day: int) -> tuple[datetime, datetime]:
    return FIRST + timedelta(days=day - 1), FIRST + timedelta(days=day)


def place(connection, batch: str, parts: dict[int, tuple[int, bool]], *, untimed: int = 0, newest: int = 1) -> None:
    found = {span(day): Part(f"day {day}", batch, rows, late) for day, (rows, late) in parts.items()}
    windows.add_parts(connection, NAME, DAY_S, found)
    rows = sum(part.rows for part in found.values())
    values = {"rows": rows, "untimed_rows": untimed, "newest": span(newest)[1], "at": FIRST}
    windows.record_placed(connection, use_case=NAME, length_s=DAY_S, batch=batch, **values)


def test_rows_of_many_batches_add_up_and_late_ones_apart(state):
    with state.write() as connection:
        place(connection, "a", {1: (5, False), 2: (3, False)}, newest=2)
        place(connection, "b", {1: (2, True), 2: (4, False)}, untimed=7, newest=2)
        assert windows.close_until(connection, NAME, DAY_S, span(1)[1], FIRST) == 1
    with state.read() as connection:
        second, first = windows.latest_windows(connection, NAME, DAY_S)
        assert (first.rows, first.late_rows, first.batches, first.status) == (5, 2, 2, "closed")
        assert (second.rows, second.late_rows, second.batches, second.status) == (7, 0, 2, "open")
        assert windows.tally(connection, NAME, DAY_S) == Tally(12, 2, 7, 1, 1, span(2)[1])
        assert windows.parts_of(connection, NAME, ["day 1"]) == [
            Part("day 1", "a", 5, False),
            Part("day 1", "b", 2, True),
        ]


def test_a_window_is_due_from_its_close_until_its_contents_are_kept(state):
    with state.write() as connection:
        place(connection, "a", {2: (5, False), 1: (1, False)}, newest=2)
        assert windows.due(connection, NAME, DAY_S) == []
        windows.close_until(connection, NAME, DAY_S, span(2)[1], FIRST)
        assert [one.key for one in windows.due(connection, NAME, DAY_S)] == ["day 1", "day 2"]
        assert [one.key for one in windows.due(connection, NAME, DAY_S, limit=1)] == ["day 1"]
        windows.keep_contents(connection, NAME, "day 1", "ab" * 32)
        assert [one.key for one in windows.due(connection, NAME, DAY_S)] == ["day 2"]
        assert windows.find_window(connection, NAME, "day 1").content_hash == "ab" * 32


def test_accepted_batches_are_unplaced_until_they_are_placed_at_that_length(state):
    with state.write() as connection:
        about = {"use_case": NAME, "source": "folder", "name": "a.csv", "size_bytes": 1, "landed_at": FIRST}
        key = record_batch(connection, sha256="a" * 64, **about).key
        assert windows.unplaced(connection, NAME, DAY_S) == []
        mark_accepted(connection, key, Counts(5, 5, 0), FIRST)
        assert [batch.key for batch in windows.unplaced(connection, NAME, DAY_S)] == [key]
        place(connection, key, {1: (5, False)})
        assert windows.is_placed(connection, NAME, DAY_S, key)
        assert windows.unplaced(connection, NAME, DAY_S) == []
        assert [batch.key for batch in windows.unplaced(connection, NAME, 3600)] == [key]


def test_thousands_of_windows_of_one_batch_are_written_together(state):
    with state.write() as connection:
        windows.stand_in_line(connection)
        place(connection, "a", dict.fromkeys(range(1, 1501), (1, False)))
        place(connection, "b", {day: (1, day < 10) for day in range(1, 1501)})
        found = windows.tally(connection, NAME, DAY_S)
    assert (found.rows, found.late_rows, found.open) == (2991, 9, 1500)


def test_before_the_first_batch_there_is_nothing(state):
    with state.read() as connection:
        assert windows.tally(connection, NAME, DAY_S) == Tally(0, 0, 0, 0, 0, None)
        assert windows.newest_time(connection, NAME, DAY_S) is None
        assert windows.find_window(connection, NAME, "day 1") is None
