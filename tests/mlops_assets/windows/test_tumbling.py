from datetime import UTC, datetime, timedelta

import pytest

from mlops_assets.windows.tumbling import EPOCH, Window, window_of

DAY = timedelta(days=1)


def test_a_window_holds_its_start_and_not_its_end() -> None:
    start, end = datetime(2022, 3, 1, tzinfo=UTC), datetime(2022, 3, 2, tzinfo=UTC)
    assert window_of(start, DAY) == Window(start, end)
    assert window_of(end - timedelta(microseconds=1), DAY) == Window(start, end)
    assert window_of(end, DAY).start == end


def test_windows_are_aligned_to_the_epoch_and_not_to_the_week() -> None:
    # 1 January 1970 was a Thursday; 19,052 days later it is 1 March 2022, and 19,052 = 2721 * 7 + 5.
    found = window_of(datetime(2022, 3, 1, 12, tzinfo=UTC), 7 * DAY)
    assert found.start == EPOCH + 2721 * 7 * DAY == datetime(2022, 2, 24, tzinfo=UTC)
    assert found.start.strftime("%A") == "Thursday"


def test_moments_before_the_epoch_are_in_the_window_that_begins_before_them() -> None:
    assert window_of(EPOCH - timedelta(seconds=1), DAY) == Window(EPOCH - DAY, EPOCH)


@pytest.mark.parametrize(
    ("length", "text"),
    [(DAY, "1d"), (36 * DAY / 24, "36h"), (timedelta(minutes=90), "90min"), (timedelta(seconds=1), "1s")],
)
def test_a_key_names_start_and_length(length: timedelta, text: str) -> None:
    assert window_of(EPOCH, length).key == f"19700101T000000-{text}"
