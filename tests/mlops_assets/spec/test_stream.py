from datetime import timedelta

import pytest
from pydantic import ValidationError

from mlops_assets.spec.stream import Stream


def test_a_window_is_so_long_or_has_so_many_rows():
    assert (Stream(window="6h").length, Stream(window="6h").rows, Stream(window="6h").size) == (
        timedelta(hours=6),
        None,
        21_600,
    )
    assert (Stream(window="2000rows").rows, Stream(window="2000rows").size) == (2000, -2000)


@pytest.mark.parametrize("window", ["0rows", "0d"])
def test_a_window_of_nothing_is_refused(window):
    with pytest.raises(ValidationError, match="is no length; a window has at least 1s, or 1rows"):
        Stream(window=window)


@pytest.mark.parametrize("window", ["rows", "2000", "-5rows", "2 rows"])
def test_what_is_no_length_is_refused(window):
    with pytest.raises(ValidationError, match="is not a length of"):
        Stream(window=window)


def test_rows_of_windows_of_rows_are_never_late():
    with pytest.raises(ValidationError, match="lateness: 6h has no meaning for windows of 10rows: leave it out"):
        Stream(window="10rows", lateness="6h")


def test_windows_of_rows_have_no_length_of_time():
    with pytest.raises(ValueError, match="is not a length of time"):
        _ = Stream(window="10rows").length
