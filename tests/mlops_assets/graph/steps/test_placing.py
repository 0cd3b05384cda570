"""Windows of so many rows; those of event time: test_windows.py."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import numpy as np
import pytest
from tiny_stream import arrive, open_light, rows, tiny_stream

from mlops_assets.graph.steps.placing import place_batch, place_batches
from mlops_assets.graph.steps.windows import keep_window
from resources.state import ledger, windows

SIZE = -3


@pytest.fixture
def stream(tmp_path):
    installation = open_light(tmp_path / "home", tiny_stream(window="3rows"))
    yield installation
    installation.state.close()


def look(installation):
    return place_batches(installation, installation.use_cases["tiny"])


def found(installation) -> dict[str, tuple]:
    """Key -> rows, batches, status, day of its start and of its end."""
    with installation.state.read() as connection:
        kept = windows.latest_windows(connection, "tiny", SIZE)
    return {one.key: (one.rows, one.batches, one.status, f"{one.start:%d}", f"{one.end:%d}") for one in reversed(kept)}


def test_a_window_closes_once_it_has_its_rows_whatever_their_times(stream):
    arrive(stream, "a", rows("1", "9"))
    assert (look(stream).due, found(stream)) == ((), {"00000000-3rows": (2, 1, "open", "01", "09")})
    arrive(stream, "b", rows("2", "12", "11", None))
    placing = look(stream)
    assert [one.key for one in placing.due] == ["00000000-3rows"]
    assert found(stream) == {
        "00000000-3rows": (3, 2, "closed", "01", "09"),
        "00000001-3rows": (2, 1, "open", "11", "12"),
    }
    assert placing.sentence == (
        "newest row of 2026-01-12 00:00:00: 1 window(s) closed, 1 open; 5 rows in time, 0 late, 1 without a time"
    )


def test_the_rows_of_a_window_are_those_that_were_counted(stream):
    """x numbers the rows of a batch; within a batch they are taken by their time."""
    arrive(stream, "a", rows("4", "3", "2", None, "1"))
    arrive(stream, "b", rows("8", "7"))
    taken = [keep_window(stream, stream.use_cases["tiny"], one.key).frame["x"].tolist() for one in look(stream).due]
    assert taken == [[4, 2, 1], [0, 1, 0]]


def test_each_row_is_in_one_window_over_batches_of_any_size(stream):
    random = np.random.default_rng(1)
    sizes = random.integers(1, 9, size=12)
    for number, size in enumerate(sizes):
        arrive(stream, f"{number}", rows(*(f"{day:.3f}" for day in random.uniform(1, 20, size))))
    kept = [keep_window(stream, stream.use_cases["tiny"], one.key).frame for one in look(stream).due]
    assert {len(frame) for frame in kept} == {3}
    assert len(kept) == sizes.sum() // 3
    times = [moment for frame in kept for moment in frame["at"]]
    assert len(set(times)) == len(times)


def test_windows_begin_one_after_the_other_though_their_rows_do_not(stream):
    arrive(stream, "a", rows("10", "11", "12"))
    arrive(stream, "b", rows("1", "2", "3"))
    look(stream)
    with stream.state.read() as connection:
        second, first = windows.latest_windows(connection, "tiny", SIZE)
    assert first.key < second.key
    assert second.start == first.start + timedelta(microseconds=1)
    assert second.end >= second.start


def test_a_time_after_the_batch_landed_begins_no_window_in_the_future(stream):
    arrive(stream, "a", rows("40000"))
    look(stream)
    with stream.state.read() as connection:
        (window,) = windows.latest_windows(connection, "tiny", SIZE)
    assert window.start == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_batch_that_another_process_has_just_placed_is_counted_once(stream):
    key = arrive(stream, "a", rows("1", "2"))
    with stream.state.read() as connection:
        batch = ledger.find(connection, key)
    for _ in range(2):
        place_batch(stream, stream.use_cases["tiny"], batch)
    assert look(stream).tally.rows == 2


def test_an_open_window_has_no_table(stream):
    arrive(stream, "a", rows("1"))
    look(stream)
    with pytest.raises(dg.Failure, match="window 00000000-3rows is open: it has 1 of 3 rows; wait"):
        keep_window(stream, stream.use_cases["tiny"], "00000000-3rows")


def test_a_use_case_that_counted_days_before_counts_its_rows_anew(stream):
    arrive(stream, "a", rows("1", "1.5", "3", "4"))
    daily = tiny_stream()
    place_batches(stream, daily)
    look(stream)
    assert keep_window(stream, stream.use_cases["tiny"], "00000000-3rows").frame["x"].tolist() == [0, 1, 2]
