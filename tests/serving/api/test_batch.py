import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from mlops_assets.decode import parquet_pages
from resources.state.predictions import predictions
from serving.api.batch import CSV, NDJSON, PARQUET, ROWS_PER_BLOCK
from serving.errors import NotReadyError

ADDRESS = "/use-cases/wine_quality/batch"


def count(state) -> int:
    with state.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(predictions)).scalar_one()


def ndjson(answer) -> list[dict]:
    return [orjson.loads(line) for line in answer.data.splitlines()]


def test_csv_is_answered_with_csv_in_order_and_logged(client, state):
    answer = client.post(ADDRESS, data="alcohol;pH\n9.4;3.5\n12;3.1\n", content_type=CSV)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.mimetype == CSV
    assert [row["line"] for row in rows] == ["2", "3"]
    assert {row["value"] for row in rows} <= {"5", "6"}
    assert all(row["prediction_id"] and not row["error"] for row in rows)
    assert count(state) == 2


def test_a_row_that_cannot_be_used_is_refused_alone(client, state):
    body = b'{"alcohol": 9.4}\nnothing\n{"alcohol": "strong"}\n{"alcohol": 12}\n'
    told = ndjson(client.post(ADDRESS, data=body, content_type=NDJSON))
    assert [one["line"] for one in told] == [1, 2, 3, 4]
    assert ["error" in one for one in told] == [False, True, True, False]
    assert "column 'alcohol': 'strong': a number is due" in told[2]["error"]
    assert count(state) == 2


def test_parquet_is_answered_with_ndjson(client, state):
    file = io.BytesIO()
    pq.write_table(pa.table({"alcohol": [9.4, 12.0], "pH": [3.5, None]}), file)
    told = ndjson(client.post(ADDRESS, data=file.getvalue(), content_type=PARQUET))
    assert [one["line"] for one in told] == [1, 2]
    assert count(state) == 2


def test_values_that_json_does_not_have_are_answered_about_and_logged_as_what_they_say(client, state):
    columns = {"alcohol": [Decimal("9.4")], "pH": [date(2026, 3, 1)], "quality": [b"six"], "density": [timedelta(1)]}
    file = io.BytesIO()
    pq.write_table(pa.table(columns | {"chlorides": [[{"deep": Decimal("1.5")}]]}), file)
    (told,) = ndjson(client.post(ADDRESS, data=file.getvalue(), content_type=PARQUET))
    assert told["value"] in (5, 6)
    with state.read() as connection:
        features = connection.execute(sa.select(predictions.c.features)).scalar_one()
    assert features == {
        "alcohol": 9.4,
        "pH": "2026-03-01",
        "quality": "b'six'",
        "density": "1 day, 0:00:00",
        "chlorides": [{"deep": 1.5}],
    }


def test_a_parquet_file_whose_text_is_none_is_refused(client):
    text = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")])
    file = io.BytesIO()
    pq.write_table(pa.table({"alcohol": text}), file)
    refused = client.post(ADDRESS, data=file.getvalue(), content_type=PARQUET)
    assert refused.status_code == 422
    assert "no Parquet file that can be read" in refused.json["detail"]


def packed(**columns) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, compression="zstd")
    return file.getvalue()


def test_pages_that_would_not_fit_into_memory_are_refused_unread(client, state, monkeypatch):
    monkeypatch.setattr(parquet_pages, "OPEN_BYTES_MAX", 100_000)
    body = packed(alcohol=["0" * 60_000, "1" * 60_000])
    assert len(body) < 2_000
    refused = client.post(ADDRESS, data=body, content_type=PARQUET)
    assert refused.status_code == 422
    assert "its pages unpack to 120," in refused.json["detail"]
    assert count(state) == 0


def test_a_long_text_in_every_row_is_refused_before_there_is_a_copy_a_row(client, state):
    refused = client.post(ADDRESS, data=packed(alcohol=["0" * 70_000] * 1_000), content_type=PARQUET)
    assert refused.status_code == 422
    assert "column 'alcohol', rows 1 to 1000: a text of 70,000 bytes, 65,536 are allowed" in refused.json["detail"]
    assert count(state) == 0


def test_texts_within_a_column_of_lists_are_refused(client):
    refused = client.post(ADDRESS, data=packed(alcohol=[["9.4"]]), content_type=PARQUET)
    assert refused.status_code == 422
    assert "nests texts; a column is due for each" in refused.json["detail"]


def test_a_long_file_is_answered_block_by_block(client, state):
    rows = 2 * ROWS_PER_BLOCK + 1
    answer = client.post(ADDRESS, data=b'{"alcohol": 9.4}\n' * rows, content_type=NDJSON, buffered=False)
    lines = iter(answer.response)
    first = next(lines)
    assert first.count(b"\n") == ROWS_PER_BLOCK
    assert count(state) <= 2 * ROWS_PER_BLOCK
    assert sum(line.count(b"\n") for line in lines) == rows - ROWS_PER_BLOCK
    assert count(state) == rows


def test_answers_that_end_early_say_why(client, router, monkeypatch):
    whole, calls = router.log.append, []

    def append(rows):
        calls.append(rows)
        if len(calls) == 2:
            raise NotReadyError("the disk is full")
        whole(rows)

    monkeypatch.setattr(router.log, "append", append)
    body = b'{"alcohol": 9.4}\n' * (ROWS_PER_BLOCK + 2)
    told = ndjson(client.post(ADDRESS, data=body, content_type=NDJSON))
    assert len(told) == ROWS_PER_BLOCK + 1
    assert told[-1] == {"error": "the answers end here: the disk is full"}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"colour;size\nred;1\n", CSV, 422),
        (b"no parquet", PARQUET, 422),
        (b"PAR1" + bytes(100) + b"PAR1", PARQUET, 422),
        (b'{"a": 1}', "application/json", 415),
    ],
)
def test_a_body_that_is_no_table_is_refused_with_a_status(client, state, body, kind, status):
    answer = client.post(ADDRESS, data=body, content_type=kind)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert count(state) == 0


def test_a_first_line_that_names_other_columns_is_told_those_that_there_are(client):
    refused = client.post(ADDRESS, data=b"alcohol;colour\n9;red\n", content_type=CSV)
    assert "the first line must name columns of: fixed acidity;volatile acidity;" in refused.json["detail"]


def test_an_empty_body_has_no_answers(client):
    assert client.post(ADDRESS, data=b"", content_type=NDJSON).data == b""
    assert client.post(ADDRESS, data=b"alcohol\n", content_type=CSV).text.startswith("line,prediction_id")
