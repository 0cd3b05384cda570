from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from mlops_assets.decode.coerce import allowed_values, coerce, plain_text
from mlops_assets.spec import Column


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" Jam ", "Jam"),
        ("5.0", "5"),
        ("-5.00", "-5"),
        ("5.", "5."),
        ("5.5", "5.5"),
        ("1.0.0", "1.0.0"),
        (".0", ".0"),
        (5, "5"),
        (5.0, "5"),
        (5.25, "5.25"),
        (np.float64(7), "7"),
        (np.int64(7), "7"),
        (True, "True"),
        (" true", "True"),
        ("FALSE", "False"),
        ("truth", "truth"),
        (np.bool_(False), "False"),
        (float("nan"), None),
        (None, None),
        (pd.NaT, None),
    ],
)
def test_one_value_has_one_text_whoever_wrote_it(value, text) -> None:
    assert plain_text(value, numbers_are_codes=True) == text


def test_a_text_keeps_its_fraction() -> None:
    assert plain_text("5.0", numbers_are_codes=False) == "5.0"
    assert plain_text("true", numbers_are_codes=False) == "true"


def test_allowed_values_are_of_the_type_of_the_column() -> None:
    assert allowed_values(Column(kind="category", allowed=[True, "false", 5, 2.0])) == ["True", "False", "5", "2"]
    assert allowed_values(Column(kind="text", allowed=["true", 5])) == ["true", "5"]
    assert allowed_values(Column(kind="numeric", allowed=[1, "2.5"])) == [1.0, 2.5]
    assert allowed_values(Column(kind="text")) == []


def read(values, column: Column, use_case):
    raw = values if isinstance(values, pd.Series) else pd.Series(values, dtype=object, name="x")
    found = coerce(raw, column, use_case)
    return found.values, found.unparsable.tolist()


def test_blanks_and_words_for_missing_are_missing_and_others_unparsable(make_use_case) -> None:
    values, unparsable = read(
        ["1", " 2 ", "", "NaN ", "n.v.", None, "inf", "1_0"], Column(kind="numeric"), make_use_case()
    )
    np.testing.assert_array_equal(values, [1, 2, *[np.nan] * 6])
    assert unparsable == [False, False, False, False, True, False, True, True]


def test_values_of_a_request_become_numbers(make_use_case) -> None:
    values, unparsable = read(
        [1, 2.5, True, "3", [4], {"a": 5}, 10**400, None], Column(kind="numeric"), make_use_case()
    )
    np.testing.assert_array_equal(values, [1, 2.5, 1, 3, *[np.nan] * 4])
    assert unparsable == [False, False, False, False, True, True, True, False]


def test_decimals_of_a_database_become_numbers(make_use_case) -> None:
    values, _ = read([Decimal("1.25"), Decimal("3")], Column(kind="numeric"), make_use_case())
    assert values.tolist() == [1.25, 3.0]


@pytest.mark.parametrize("dtype", ["int64", "float32", "bool", "Int64", "boolean"])
def test_typed_numbers_become_float64(dtype, make_use_case) -> None:
    values, unparsable = read(pd.Series([1, 0], dtype=dtype), Column(kind="numeric"), make_use_case())
    assert values.dtype == "float64"
    assert values.tolist() == [1, 0]
    assert unparsable == [False, False]


def test_infinity_among_typed_numbers_is_unparsable(make_use_case) -> None:
    values, unparsable = read(pd.Series([1.0, np.inf, np.nan]), Column(kind="numeric"), make_use_case())
    np.testing.assert_array_equal(values, [1, np.nan, np.nan])
    assert unparsable == [False, True, False]


def test_iso_times_are_read_and_moved_to_utc(make_use_case) -> None:
    raw = ["2022-03-19", "2022-03-19T12:00:00+02:00", "20220319", "19.3.2022", "", None]
    values, unparsable = read(raw, Column(kind="datetime"), make_use_case())
    assert values.astype(str).tolist() == [
        "2022-03-19 00:00:00",
        "2022-03-19 10:00:00",
        "2022-03-19 00:00:00",
        *["NaT"] * 3,
    ]
    assert unparsable == [False, False, False, True, False, False]


def test_a_declared_form_is_the_only_one(make_use_case) -> None:
    column = Column(kind="datetime", format="%d/%m/%Y")
    values, unparsable = read(["19/03/2022", "2022-03-19"], column, make_use_case())
    assert values[0] == pd.Timestamp("2022-03-19")
    assert unparsable == [False, True]


@pytest.mark.parametrize(
    "raw",
    [
        pd.Series(pd.to_datetime(["2022-03-19T10:00"]).as_unit("ms")),
        pd.Series(pd.to_datetime(["2022-03-19T12:00+02:00"])),
    ],
)
def test_typed_times_become_nanoseconds_without_a_zone(raw, make_use_case) -> None:
    values, unparsable = read(raw, Column(kind="datetime"), make_use_case())
    assert values.dtype == "datetime64[ns]"
    assert values[0] == pd.Timestamp("2022-03-19T10:00")
    assert unparsable == [False]


def test_codes_are_the_same_whether_written_as_numbers_or_texts(make_use_case) -> None:
    for raw in ([5, 6], [5.0, 6.0], ["5", "6"], ["5.0", " 6.0 "]):
        assert read(raw, Column(kind="category"), make_use_case())[0].tolist() == ["5", "6"]


def test_nested_values_have_no_text(make_use_case) -> None:
    values, unparsable = read(["a", ["b"], {"c": 1}, " NA"], Column(kind="category"), make_use_case())
    assert values.tolist() == ["a", None, None, None]
    assert unparsable == [False, True, True, False]


def test_no_rows_give_no_rows(make_use_case) -> None:
    for kind in ("numeric", "datetime", "category"):
        values, unparsable = read([], Column(kind=kind), make_use_case())
        assert len(values) == 0 == len(unparsable)


@pytest.mark.parametrize("unit", ["us", "ms", "s"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_a_moment_that_nanoseconds_cannot_count_is_unparsable(unit, zone, make_use_case) -> None:
    """Parquet keeps 9999-12-31, which some writers mean by 'never'."""
    raw = pd.Series(np.array(["2026-01-02", "9999-12-31", "0001-01-01", "NaT"], dtype=f"datetime64[{unit}]"))
    raw = raw if zone is None else raw.dt.tz_localize(zone)
    values, unparsable = read(raw, Column(kind="datetime"), make_use_case())
    assert values.dtype == "datetime64[ns]"
    assert values.tolist() == [pd.Timestamp("2026-01-02"), pd.NaT, pd.NaT, pd.NaT]
    assert unparsable == [False, True, True, False]


def test_bytes_are_the_text_that_they_write_and_others_are_unparsable(make_use_case) -> None:
    """Parquet of older writers holds texts as bytes without a mark."""
    values, unparsable = read(
        ["jam", "caf\u00e9".encode(), b"\xff\x00", None], Column(kind="category"), make_use_case()
    )
    assert values.tolist() == ["jam", "caf\u00e9", None, None]
    assert unparsable == [False, False, True, False]


@pytest.mark.parametrize("day", ["1677-09-21T12:00", "2262-04-11T12:00"])
def test_of_the_days_that_nanoseconds_count_in_part_nothing_is_read(day, make_use_case) -> None:
    """Their midnights cannot be counted, so no time of day could be joined to them."""
    values, unparsable = read([day, "1677-09-22", "2262-04-10"], Column(kind="datetime"), make_use_case())
    assert values.isna().tolist() == unparsable == [True, False, False]


@pytest.mark.parametrize("as_text", [True, False])
def test_a_number_beyond_32_bits_is_unparsable(as_text, make_use_case) -> None:
    """The largest double, which some programs write for 'nothing', would be infinite to a model."""
    numbers = [3.4e38, -3.4e38, 3.5e38, -1.7976931348623157e308]
    raw = [repr(one) for one in numbers] if as_text else pd.Series(numbers)
    values, unparsable = read(raw, Column(kind="numeric"), make_use_case())
    np.testing.assert_array_equal(values, [3.4e38, -3.4e38, np.nan, np.nan])
    assert unparsable == [False, False, True, True]
