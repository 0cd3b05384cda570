import gzip
import io
from pathlib import Path

import pandas as pd
import pytest

import mlops_assets.decode
from mlops_assets.decode import FORMATS
from mlops_assets.decode.aside import ALONE
from mlops_assets.decode.encode import encode
from mlops_assets.decode.errors import DecodeError
from mlops_assets.decode.table import decode_batch
from mlops_assets.spec import Delimited, JsonLines, Parquet, Reading

TABLES = [kind for kind in FORMATS if kind != "document"]  # scans are read, and never written
FRAME = pd.DataFrame({"weight": [1.5, None, 3.0], "minutes": [10.0, 20.0, 30.0]})


def test_every_file_of_a_format_is_in_the_table() -> None:
    folder = Path(mlops_assets.decode.__file__).parent
    assert all((folder / f"{kind}.py").is_file() for kind in FORMATS)
    assert set(FORMATS) == {
        form.model_fields["kind"].annotation.__args__[0] for form in (Delimited, JsonLines, Parquet, Reading)
    }


@pytest.mark.parametrize("kind", TABLES)
def test_what_was_encoded_decodes_to_the_same_values(kind, make_use_case) -> None:
    use_case = make_use_case(format={"kind": kind})
    read = decode_batch(encode(FRAME, use_case), use_case)
    pd.testing.assert_frame_equal(read[["weight", "minutes"]], FRAME)
    assert read["_unparsable"].isna().all()


@pytest.mark.parametrize("kind", TABLES)
def test_gzip_is_opened(kind, make_use_case) -> None:
    use_case = make_use_case(format={"kind": kind})
    read = decode_batch(gzip.compress(encode(FRAME, use_case)), use_case)
    assert read["minutes"].tolist() == [10, 20, 30]


@pytest.mark.parametrize("kind", TABLES)
def test_an_empty_file_is_refused(kind, make_use_case) -> None:
    with pytest.raises(DecodeError, match="empty"):
        decode_batch(b" \n", make_use_case(format={"kind": kind}))


@pytest.mark.parametrize("kind", TABLES)
def test_rows_above_the_limit_are_refused(kind, make_use_case) -> None:
    use_case = make_use_case(format={"kind": kind}, landing={"rows_max": 2})
    with pytest.raises(DecodeError, match="rows_max") as caught:
        decode_batch(encode(FRAME, use_case), use_case)
    assert caught.value.code == "too_many_rows"


@pytest.mark.parametrize("kind", TABLES)
def test_rows_at_the_limit_are_read(kind, make_use_case) -> None:
    use_case = make_use_case(format={"kind": kind}, landing={"rows_max": 3})
    assert len(decode_batch(encode(FRAME, use_case), use_case)) == 3


@pytest.mark.parametrize("kind", TABLES)
def test_columns_above_the_limit_are_refused(kind, make_use_case) -> None:
    use_case = make_use_case(format={"kind": kind}, landing={"columns_max": 1})
    with pytest.raises(DecodeError) as caught:
        decode_batch(encode(FRAME, use_case), use_case)
    assert caught.value.code == "too_many_columns"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("delimited", b"weight,minutes\n1,2,3\n"),
        ("delimited", b'weight,minutes\n1,"2\n'),
        ("delimited", b"weight,minutes\n1,2\n1,2,3,4\n"),
        ("json_lines", b'{"weight": 1}\n{"weight": NaN}\n'),
        ("json_lines", b"[1, 2]\n"),
        ("parquet", b"PAR1 and nothing else"),
    ],
)
def test_what_is_not_such_a_table_is_malformed(kind, data, make_use_case) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_batch(data, make_use_case(format={"kind": kind}))
    assert caught.value.code == "malformed"


def test_a_line_with_more_values_than_names_is_named(make_use_case) -> None:
    data = b'weight,minutes\n"1\n2",2\n1,2,3\n'
    with pytest.raises(DecodeError, match="line 4 has 3 values, the first line 2 names"):
        decode_batch(data, make_use_case(format={"kind": "delimited"}))


def test_a_broken_json_line_is_named_by_its_number(make_use_case) -> None:
    with pytest.raises(DecodeError, match="line 2"):
        decode_batch(b'{"weight": 1}\n{"weight"\n', make_use_case(format={"kind": "json_lines"}))


def test_blank_json_lines_are_passed_over_and_absent_names_are_missing(make_use_case) -> None:
    read = decode_batch(b'{"weight": 1}\n\n{"minutes": 2}\n', make_use_case(format={"kind": "json_lines"}))
    assert read["weight"].tolist()[0] == 1
    assert read["weight"].isna().tolist() == [False, True]
    assert read["minutes"].isna().tolist() == [True, False]


def test_two_columns_of_one_name_are_refused(make_use_case) -> None:
    with pytest.raises(DecodeError, match="'weight' stands twice"):
        decode_batch(b"weight,minutes, weight\n1,2,3\n", make_use_case())


def test_two_parquet_columns_that_differ_by_blanks_are_refused(make_use_case) -> None:
    buffer = io.BytesIO()
    FRAME.assign(**{"weight ": 1.0}).to_parquet(buffer)
    with pytest.raises(DecodeError, match="'weight' is there twice"):
        decode_batch(
            buffer.getvalue(), make_use_case(columns={"mass": {"kind": "numeric"}}, format={"kind": "parquet"})
        )


def test_quoted_separators_and_line_ends_stay_in_their_value(make_use_case) -> None:
    use_case = make_use_case(columns={"note": {"kind": "text"}})
    read = decode_batch(b'note,minutes\n"a, ""b""\nc",1\n', use_case)
    assert read["note"].tolist() == ['a, "b"\nc']


def test_a_decimal_comma_is_read_and_a_point_beside_it_is_not(make_use_case) -> None:
    use_case = make_use_case(format={"kind": "delimited", "separator": ";", "decimal": ","})
    read = decode_batch(b"weight;minutes\n1,5;2\n1.500;3\n;4\n", use_case)
    assert read["weight"].tolist()[0] == 1.5
    assert read["_unparsable"].tolist() == [None, "weight", None]


def test_a_decimal_comma_leaves_numbers_of_a_request_alone(make_use_case) -> None:
    from mlops_assets.decode.table import conform

    use_case = make_use_case(format={"kind": "delimited", "separator": ";", "decimal": ","})
    frame = pd.DataFrame({"weight": pd.Series([1.5, "2,5"], dtype=object), "minutes": [1, 2]})
    assert conform(frame, use_case)["weight"].tolist() == [1.5, 2.5]


def test_other_encodings_and_a_byte_order_mark_are_read(make_use_case) -> None:
    columns = {"place": {"kind": "category"}}
    text = "place,minutes\nKöln,1\n"
    for encoding in ("utf-8", "utf-8-sig", "latin-1", "utf-16"):
        use_case = make_use_case(columns=columns, format={"kind": "delimited", "encoding": encoding})
        assert decode_batch(text.encode(encoding), use_case)["place"].tolist() == ["Köln"]
    with_mark = decode_batch(text.encode("utf-8-sig"), make_use_case(columns=columns))
    assert with_mark["place"].tolist() == ["Köln"]


def test_a_long_text_repeated_in_parquet_is_one_text_in_memory(make_use_case) -> None:
    use_case = make_use_case(columns={"note": {"kind": "text"}}, format={"kind": "parquet"})
    buffer = io.BytesIO()
    pd.DataFrame({"note": ["x" * 10_000] * 2_000, "minutes": 1.0}).to_parquet(buffer)
    raw = FORMATS["parquet"](buffer.getvalue(), use_case, ALONE)
    assert len({id(value) for value in raw["note"]}) == 1


def test_a_parquet_file_that_holds_far_more_than_its_bytes_is_refused(make_use_case) -> None:
    buffer = io.BytesIO()
    pd.DataFrame({name: [0.0] * 100_000 for name in ("weight", "minutes")}).to_parquet(buffer)
    use_case = make_use_case(format={"kind": "parquet"}, landing={"bytes_max": 100_000, "expansion_max": 10})
    with pytest.raises(DecodeError) as caught:
        decode_batch(buffer.getvalue(), use_case)
    assert caught.value.code == "expands_too_much"
