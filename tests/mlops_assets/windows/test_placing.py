from datetime import UTC, datetime, timedelta

import pandas as pd

from mlops_assets.windows.placing import is_closed, place, watermark
from mlops_assets.windows.tumbling import Window, window_of

DAY = timedelta(days=1)


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2022, 3, day, hour, tzinfo=UTC)


def day(number: int) -> Window:
    return Window(at(number), at(number) + DAY)


def times(*texts: str | None) -> pd.Series:
    return pd.Series(pd.to_datetime(pd.Series(texts, dtype=object), format="ISO8601"), dtype="datetime64[ns]")


def test_every_row_is_in_one_window_or_has_no_time() -> None:
    found = place(times("2022-03-02T23:59:59", "2022-03-01", "2022-03-02", None), DAY)
    assert found.rows == {day(1): 1, day(2): 2}
    assert list(found.rows) == [day(1), day(2)]
    assert found.untimed == 1
    assert found.newest == datetime(2022, 3, 2, 23, 59, 59, tzinfo=UTC)


def test_rows_without_any_time_have_no_newest() -> None:
    found = place(times(None, None), DAY)
    assert (found.rows, found.untimed, found.newest) == ({}, 2, None)


def test_a_table_and_a_moment_agree_on_the_window() -> None:
    texts = ("1969-12-31T23:59:59.999999999", "1970-01-01", "2022-03-13T02:30:00", "2030-06-01T07:59:59.999999")
    for length in (DAY, timedelta(hours=8), 7 * DAY, timedelta(minutes=7)):
        for moment in times(*texts):
            (window,) = place(pd.Series([moment]), length).rows
            assert window == window_of(moment.to_pydatetime(warn=False).replace(tzinfo=UTC), length)


def test_the_watermark_closes_a_window_when_it_reaches_its_end() -> None:
    # The newest row is from 3 March 06:00 and rows may be 6 hours late: complete until 3 March 00:00.
    mark = watermark(at(3, 6), timedelta(hours=6))
    assert mark == at(3)
    assert is_closed(day(2), mark)
    assert not is_closed(day(3), mark)
    assert not is_closed(day(2), watermark(at(3, 5), timedelta(hours=6)))


def test_before_the_first_row_nothing_is_closed() -> None:
    assert watermark(None, DAY) is None
    assert not is_closed(day(1), None)
