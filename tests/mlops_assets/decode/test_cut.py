import pandas as pd
import pytest

from mlops_assets.decode.cut import cut
from mlops_assets.decode.table import decode_batch
from mlops_assets.use_cases.load import check_use_case


def build(kind: str = "delimited", time: str | None = "at"):
    return check_use_case(
        {
            "name": "shop",
            "description": "a shop",
            "task": "regression",
            "target": "price",
            "time": time,
            "format": {"kind": kind},
            "columns": {"at": {"kind": "datetime"}, "name": {"kind": "text"}, "price": {"kind": "numeric"}},
            "training": {"metric": "mae"},
            "decision": {"loss": "absolute"},
        },
        source="tests",
    )


ROWS = [
    ("2026-01-02T09:00:00", "b", 2.0),
    ("2026-01-01T23:59:59", "a", 1.0),
    ("2026-01-02T10:00:00", "c", 3.0),
    ("no time", "d", 4.0),
    ("2026-01-05T00:00:00", "e", 5.0),
]
CSV = "\n".join(["at,name,price", *(",".join(map(str, row)) for row in ROWS)]).encode()


def names(pieces, use_case) -> dict[str, list[str]]:
    return {label: decode_batch(data, use_case)["name"].tolist() for label, data in pieces}


def test_nothing_asked_gives_the_bytes_as_they_are():
    assert list(cut(CSV, build())) == [("", CSV)]


def test_blocks_of_rows_keep_their_order_and_the_last_is_shorter():
    assert names(cut(CSV, build(), rows=2), build()) == {"00001": ["b", "a"], "00002": ["c", "d"], "00003": ["e"]}


def test_windows_follow_time_leave_empty_ones_out_and_put_rows_without_a_time_last():
    found = names(cut(CSV, build(), every="1d"), build())
    assert list(found) == ["20260101T000000", "20260102T000000", "20260105T000000", "no-time"]
    assert list(found.values()) == [["a"], ["b", "c"], ["e"], ["d"]]


def test_pieces_together_are_the_file():
    for asked in ({"rows": 2}, {"every": "6h"}):
        pieces = [decode_batch(data, build()) for _, data in cut(CSV, build(), **asked)]
        whole = decode_batch(CSV, build())
        joined = pd.concat(pieces).sort_values("price").reset_index(drop=True)
        pd.testing.assert_frame_equal(joined, whole.sort_values("price").reset_index(drop=True))


def test_a_parquet_file_is_cut_into_parquet_files(tmp_path):
    frame = pd.DataFrame({"at": pd.date_range("2026-01-01", periods=3), "name": list("abc"), "price": [1.0, 2.0, 3.0]})
    frame.to_parquet(tmp_path / "rows.parquet")
    use_case = build("parquet")
    found = names(cut((tmp_path / "rows.parquet").read_bytes(), use_case, every="1d"), use_case)
    assert list(found.values()) == [["a"], ["b"], ["c"]]


def test_windows_need_a_time_column():
    with pytest.raises(ValueError, match="'shop' has no time column; cut by rows, or set time"):
        list(cut(CSV, build(time=None), every="1d"))


def test_what_is_no_length_of_time_is_told_what_is():
    with pytest.raises(ValueError, match="'fortnight' is not a length of time; write 1d, 6h or 30min"):
        list(cut(CSV, build(), every="fortnight"))


def test_a_file_without_the_time_column_is_explained():
    with pytest.raises(ValueError, match="lacks what 'at' is read from"):
        list(cut(b"name,price\na,1\n", build(), every="1d"))


def test_scans_are_not_cut():
    with pytest.raises(ValueError, match="pack as many as a batch should hold into one archive"):
        next(cut(b"PK", build("document"), rows=5))
