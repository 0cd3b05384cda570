import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
from tiny_stream import arrive, open_light, rows, tiny_stream

from mlops_assets.graph.steps.placing import place_batch, place_batches
from mlops_assets.graph.steps.windows import keep_window
from resources.installation import Installation
from resources.state import ledger, windows

DAY_S = 86_400
ARRIVALS = {"a": rows("1", "2", None), "b": rows("2.9", "3.1"), "c": rows("4.5", "1.5"), "d": rows("6.5")}


@pytest.fixture
def open_stream(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    opened: list[Installation] = []

    def open_one(**stream: str) -> Installation:
        opened.append(open_light(tmp_path / f"home{len(opened)}", tiny_stream(**stream)))
        return opened[-1]

    yield open_one
    for one in opened:
        one.state.close()


def look(installation: Installation):
    return place_batches(installation, installation.use_cases["tiny"])


def days(installation: Installation) -> dict[str, tuple]:
    """Day of January -> rows in time, late rows, batches, status."""
    with installation.state.read() as connection:
        found = windows.latest_windows(connection, "tiny", DAY_S)
    return {f"{one.start:%d}": (one.rows, one.late_rows, one.batches, one.status) for one in reversed(found)}


def kept(installation: Installation) -> dict[str, tuple[str, list[float]]]:
    """Key -> content hash and x of every closed window's rows."""
    found = {}
    for one in look(installation).due:
        made = keep_window(installation, installation.use_cases["tiny"], one.key)
        found[one.key] = (str(made.window.content_hash), made.frame["x"].tolist())
    return found


def test_a_window_stays_open_until_event_time_has_reached_its_end(open_stream):
    stream = open_stream()
    arrive(stream, "a", rows("1", "1.5", "2"))
    assert [one.key for one in look(stream).due] == ["20260101T000000-1d"]
    assert days(stream) == {"01": (2, 0, 1, "closed"), "02": (1, 0, 1, "open")}
    arrive(stream, "b", rows("2.999", "3"))
    look(stream)
    assert days(stream)["02"] == (2, 0, 2, "closed")


def test_lateness_keeps_a_window_open_for_longer(open_stream):
    stream = open_stream(lateness="12h")
    arrive(stream, "a", rows("1", "2.4"))
    arrive(stream, "b", rows("1.9"))
    assert look(stream).due == ()
    arrive(stream, "c", rows("2.5"))
    look(stream)
    assert days(stream) == {"01": (2, 0, 2, "closed"), "02": (2, 0, 2, "open")}


def test_rows_that_come_after_their_window_closed_are_late_and_change_nothing_in_it(open_stream):
    stream = open_stream()
    arrive(stream, "a", rows("1", "1.5", "3"))
    before = kept(stream)
    late = arrive(stream, "b", rows("1.2", "0", "3.5"))
    placing = look(stream)
    assert placing.due == ()  # a window with late rows alone has no contents to keep
    assert (placing.tally.rows, placing.tally.late_rows, placing.tally.untimed_rows) == (4, 2, 0)
    assert days(stream)["01"] == (2, 1, 2, "closed")
    assert days(stream)["31"] == (0, 1, 1, "closed")
    again = keep_window(stream, stream.use_cases["tiny"], "20260101T000000-1d")
    assert (again.window.content_hash, again.frame["x"].tolist()) == before["20260101T000000-1d"]
    assert [(part.batch, part.rows) for part in again.late] == [(late, 1)]


def test_the_rows_of_one_batch_are_never_late_for_each_other(open_stream):
    stream = open_stream()
    arrive(stream, "a", rows("9", "1", "5"))
    assert look(stream).tally.late_rows == 0


def test_rows_without_a_time_are_counted_in_no_window(open_stream):
    stream = open_stream()
    arrive(stream, "a", rows(None, "1", None))
    arrive(stream, "b", rows(None))
    assert (look(stream).tally.untimed_rows, look(stream).tally.rows) == (3, 1)


def test_looking_again_counts_nothing_twice(open_stream):
    stream = open_stream()
    arrive(stream, "a", rows("1", "2"))
    first, again = look(stream), look(stream)
    assert first == again
    assert first.sentence == (
        "complete until 2026-01-02 00:00:00: 1 window(s) closed, 1 open; 2 rows in time, 0 late, 0 without a time"
    )


@pytest.mark.parametrize("order", list(itertools.permutations(ARRIVALS))[::3], ids="".join)
def test_every_row_is_in_one_place_in_whatever_order_batches_arrive(open_stream, order):
    stream = open_stream()
    for name in order:
        arrive(stream, name, ARRIVALS[name])
    tally = look(stream).tally
    assert tally.rows + tally.late_rows + tally.untimed_rows == 8
    in_all = {day: in_time + late for day, (in_time, late, *_) in days(stream).items()}
    assert in_all == {"01": 2, "02": 2, "03": 1, "04": 1, "06": 1}
    assert sum(len(x) for _, x in kept(stream).values()) == tally.rows - days(stream)["06"][0]


def test_within_the_lateness_no_order_of_arrival_changes_the_contents(open_stream):
    found = set()
    for order in list(itertools.permutations(ARRIVALS))[::5]:
        stream = open_stream(lateness="6d")
        for name in order:
            arrive(stream, name, ARRIVALS[name])
        arrive(stream, "e", rows("20"))
        assert look(stream).tally.late_rows == 0
        found.add(repr(kept(stream)))
    assert len(found) == 1


def test_a_time_after_the_batch_landed_closes_nothing_early(open_stream):
    stream = open_stream()
    arrive(stream, "a", rows("1", "40000"))  # a clock that is a century ahead; the batch landed on 1 March 2026
    placing = look(stream)
    assert placing.mark == datetime(2026, 3, 1, 12, tzinfo=UTC)
    arrive(stream, "b", rows("70"))
    assert look(stream).tally.late_rows == 0


def test_a_batch_that_another_process_has_just_placed_is_counted_once(open_stream):
    stream = open_stream()
    key = arrive(stream, "a", rows("1", "2"))
    with stream.state.read() as connection:
        batch = ledger.find(connection, key)
    for _ in range(2):  # as two sensors would that both saw it waiting
        place_batch(stream, stream.use_cases["tiny"], batch)
    assert look(stream).tally.rows == 2


def test_another_length_places_every_batch_again(open_stream, tmp_path):
    stream = open_stream()
    arrive(stream, "a", rows("1", "1.5", "3"))
    look(stream)
    hourly = Installation(stream.settings, {"tiny": tiny_stream(window="6h")})
    assert [one.key for one in look(hourly).due] == ["20260101T000000-6h", "20260101T120000-6h"]
    assert days(stream) == {"01": (2, 0, 1, "closed"), "03": (1, 0, 1, "open")}
    hourly.state.close()


def test_an_open_window_and_one_without_rows_have_no_table(open_stream):
    stream = open_stream()
    arrive(stream, "a", rows("1"))
    look(stream)
    with pytest.raises(dg.Failure, match="is open until event time reaches 2026-01-02 00:00:00"):
        keep_window(stream, stream.use_cases["tiny"], "20260101T000000-1d")
    with pytest.raises(dg.Failure, match="has no row"):
        keep_window(stream, stream.use_cases["tiny"], "20260105T000000-1d")


def test_a_table_that_lost_rows_is_told_and_not_kept(open_stream):
    stream = open_stream()
    key = arrive(stream, "a", rows("1", "1.5", "2"))
    look(stream)
    stream.lake.write_table(rows("1", "2"), "tiny", "accepted", f"{key}.parquet")
    with pytest.raises(dg.Failure, match="2 rows were placed and the lake has 1 of them; restore"):
        keep_window(stream, stream.use_cases["tiny"], "20260101T000000-1d")
    assert len(look(stream).due) == 1


def test_equal_contents_from_other_batches_have_the_same_hash(open_stream):
    whole, halves = open_stream(), open_stream()
    frame = rows("1.1", "1.2", "1.3", "2")
    arrive(whole, "a", frame)
    arrive(halves, "b", frame[1:3])
    arrive(halves, "c", pd.concat([frame[3:], frame[:1]]))
    assert kept(whole) == kept(halves)
