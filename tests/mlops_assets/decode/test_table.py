import io
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_assets.decode.errors import DecodeError
from mlops_assets.decode.table import conform, decode_batch
from mlops_assets.use_cases.load import find_use_case

DELIVERIES = Path(__file__).parents[4] / "shared" / "data" / "deliveries" / "amazon_delivery.csv"
ORDERS = {
    "day": {"kind": "datetime"},
    "clock": {"kind": "text", "feature": False},
    "weight": {"kind": "numeric"},
    "ordered": {"kind": "datetime", "derive": {"take": "joined", "of": ["day", "clock"]}},
    "hour": {"kind": "numeric", "derive": {"take": "hour", "of": ["ordered"]}},
}


def test_columns_come_in_the_order_of_the_spec(make_use_case) -> None:
    read = decode_batch(b"minutes,extra,weight,clock,day\n1,x,2,10:30,2024-02-29\n", make_use_case(ORDERS))
    assert list(read.columns) == ["day", "clock", "weight", "ordered", "hour", "minutes", "_unparsable"]
    assert read["hour"].tolist() == [10]


def test_extra_columns_stay_as_text_where_they_reject(make_use_case) -> None:
    use_case = make_use_case(validation={"extra_columns": "reject"})
    read = conform(pd.DataFrame({"minutes": [1], "odd": [2.0], "_row": [3], "weight": [4]}), use_case)
    assert list(read.columns) == ["weight", "minutes", "odd", "_unparsable"]
    assert read["odd"].tolist() == ["2"]


def test_a_missing_column_and_what_is_derived_from_it_stay_away(make_use_case) -> None:
    read = decode_batch(b"day,weight\n2024-02-29,2\n", make_use_case(ORDERS))
    assert list(read.columns) == ["day", "weight", "_unparsable"]


def test_names_are_stripped_of_blanks(make_use_case) -> None:
    assert list(decode_batch(b" weight , minutes\n1,2\n", make_use_case()).columns) == [
        "weight",
        "minutes",
        "_unparsable",
    ]


def test_unreadable_values_are_named_by_row(make_use_case) -> None:
    data = b"day,clock,weight,minutes\n2024-02-29,25:00,heavy,1\nsoon,10:00,,2\n2024-02-29,,1,3\n"
    read = decode_batch(data, make_use_case(ORDERS))
    # 25:00 is a text and stays one; what it was to be joined into could not be read.
    assert read["_unparsable"].tolist() == ["weight,ordered", "day", None]


def test_a_file_with_names_and_no_rows_is_an_empty_table(make_use_case) -> None:
    read = decode_batch(b"weight,minutes\n", make_use_case())
    assert read.shape == (0, 3)


def test_rows_of_a_request_conform_to_what_a_file_gives(make_use_case) -> None:
    use_case = make_use_case(ORDERS)
    rows = [{"day": "2024-02-29", "clock": "10:30", "weight": "2.5"}, {"weight": None, "day": None}]
    read = conform(pd.DataFrame(rows), use_case)
    from_file = decode_batch(b"day,clock,weight\n2024-02-29,10:30,2.5\n,,\n", use_case)
    pd.testing.assert_frame_equal(read, from_file)


def test_an_index_of_its_own_does_not_disturb_the_rows(make_use_case) -> None:
    frame = pd.DataFrame({"weight": ["1", "x"], "minutes": [1, 2]}, index=[7, 7])
    assert conform(frame, make_use_case())["_unparsable"].tolist() == [None, "weight"]


def test_names_that_differ_by_blanks_only_are_refused(make_use_case) -> None:
    with pytest.raises(DecodeError, match="rename one"):
        conform(pd.DataFrame([[1, 2]], columns=["weight", " weight"]), make_use_case({"mass": {"kind": "numeric"}}))


def test_real_deliveries_are_read_whole() -> None:
    if not DELIVERIES.is_file():
        pytest.skip("the shared deliveries are not here")
    read = decode_batch(DELIVERIES.read_bytes(), find_use_case("delivery_time"))
    assert len(read) == 43739
    assert read["_unparsable"].isna().all()
    assert read["Traffic"].isna().sum() == 91  # written as 'NaN '
    assert set(read["Traffic"].dropna()) == {"High", "Jam", "Low", "Medium"}
    assert read["Delivery_Time"].mean() == pytest.approx(124.9, abs=0.1)


@pytest.mark.slow
def test_a_hundred_thousand_rows_take_a_few_times_what_pandas_takes(make_use_case) -> None:
    columns = {f"c{number}": {"kind": kind} for number, kind in enumerate(["numeric", "category", "datetime"] * 5)}
    random = np.random.default_rng(0)
    values = {
        name: {
            "numeric": random.normal(size=100_000),
            "category": random.choice(["a", "b"], 100_000),
            "datetime": pd.date_range("2024-01-01", periods=100_000, freq="min"),
        }[column["kind"]]
        for name, column in columns.items()
    }
    data = pd.DataFrame(values).assign(minutes=1.0).to_csv(index=False).encode()
    use_case = make_use_case(columns)
    times = [time.process_time()]
    for read in (lambda: pd.read_csv(io.BytesIO(data)), lambda: decode_batch(data, use_case)):
        assert len(read()) == 100_000
        times.append(time.process_time())
    assert times[2] - times[1] < 20 * (times[1] - times[0])  # 2.5 is usual; row by row it would be hundreds


def test_a_column_of_a_file_that_is_named_like_our_note_of_what_is_unread_says_nothing(make_use_case) -> None:
    """A quarantined table that comes back with its rows mended."""
    read = decode_batch(b"weight,minutes,_unparsable\n1,2,\n3,4,weight\n", make_use_case())
    assert read["_unparsable"].tolist() == [None, None]
