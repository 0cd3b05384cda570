import pandas as pd

from mlops_assets.graph.metadata import INLINE_BYTES_MAX, picture, records_metadata, table_metadata


def test_a_table_tells_its_rows_and_columns():
    found = table_metadata(pd.DataFrame({"x": [1.0, 2.0], "name": ["a", "b"]}))
    assert found["dagster/row_count"] == 2
    assert [(column.name, column.type) for column in found["dagster/column_schema"].columns] == [
        ("x", "float64"),
        ("name", "object"),
    ]


def test_no_records_are_told_in_words():
    assert records_metadata([]).value == "no rows"


def test_records_keep_numbers_and_turn_the_rest_into_text():
    found = records_metadata([{"n": 1, "share": 0.25, "nan": float("nan"), "other": (1, 2)}])
    (record,) = found.records
    assert record.data == {"n": 1, "share": 0.25, "nan": None, "other": "(1, 2)"}
    assert [column.type for column in found.schema.columns] == ["float", "float", "string", "string"]


def test_a_large_picture_stays_a_file():
    assert picture(b"png").value.startswith("![plot](data:image/png;base64,")
    assert "kept beside the table" in picture(b"x" * (INLINE_BYTES_MAX + 1)).value
