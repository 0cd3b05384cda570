import io
import json

import pytest
import sqlalchemy as sa

from resources.state.database import State
from resources.state.labels import labelled_pairs, labels
from resources.state.prediction import Prediction
from resources.state.predictions import insert
from serving.api import feedback_bulk
from serving.router import utc_now

CSV, NDJSON = "text/csv", "application/x-ndjson"
ZERO = {"stored": 0, "corrected": 0, "duplicate": 0, "expired": 0, "parked": 0, "refused": 0, "refusals": []}


@pytest.fixture(autouse=True)
def predicted(state, router):
    """Nine predictions of the wine use case: p1 to p9."""
    at = utc_now()
    with state.write() as connection:
        rows = [Prediction(f"p{n}", "wine_quality", "u", "A", 1, 2, 5, 6, 5, {}, 1, at) for n in range(1, 10)]
        insert(connection, rows)


@pytest.fixture
def send(client):
    def send(body: str | bytes, kind: str = CSV, **options):
        return client.post("/feedback/bulk", data=body, content_type=kind, **options)

    return send


def table(state: State) -> list:
    with state.read() as connection:
        query = sa.select(labels.c.prediction_id, labels.c.truth, labels.c.corrections)
        return connection.execute(query.order_by(labels.c.prediction_id)).all()


def test_csv_is_stored(send, state):
    answer = send("prediction_id,truth\np1,6\r\np2,7\n\np3,8\n")
    assert (answer.status_code, answer.json) == (200, ZERO | {"stored": 3})
    assert table(state) == [("p1", 6, 0), ("p2", 7, 0), ("p3", 8, 0)]


def test_columns_stand_in_any_order_and_empty_cells_are_none(send, state):
    body = "\ufeffsource, event_time ,truth,prediction_id\naudit,2026-03-01T20:00:00+01:00,6,p1\n,,7,p1\n"
    assert send(body).json == ZERO | {"stored": 1, "corrected": 1}
    assert table(state) == [("p1", 7, 1)]


def test_ndjson_is_stored(send, state):
    events = [{"prediction_id": "p1", "truth": 6}, {"prediction_id": "p2", "truth": "7", "source": "audit"}]
    answer = send("\n".join(json.dumps(event) for event in events), NDJSON)
    assert answer.json == ZERO | {"stored": 2}
    assert table(state) == [("p1", 6, 0), ("p2", 7, 0)]


def test_each_status_is_counted(send):
    send("prediction_id,truth\np1,6\n")
    answer = send("prediction_id,truth\np1,6\np1,7\nunknown,6\np2,6\np3,six\n")
    refusal = {"line": 6, "reason": "prediction p3: could not convert string to float: 'six'"}
    expected = {"duplicate": 1, "corrected": 1, "parked": 1, "stored": 1, "refused": 1, "refusals": [refusal]}
    assert answer.json == ZERO | expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("p1", "2 cells are due, as in the first line, got 1"),
        ("p1,6,7", "2 cells are due, as in the first line, got 3"),
        ('p1,"6', "this is no line of CSV: unexpected end of data"),
        (",6", "prediction_id: String should have at least 1 character"),
        ("p1,", "prediction p1: could not convert string to float: ''"),
        (b"p1,\xff", "byte 4 is not UTF-8"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused_alone(send, state, line, reason):
    line = line if isinstance(line, bytes) else line.encode()
    answer = send(b"prediction_id,truth\np2,6\n" + line + b"\np3,6\n")
    assert answer.json == ZERO | {"stored": 2, "refused": 1, "refusals": [{"line": 3, "reason": reason}]}
    assert [row[0] for row in table(state)] == ["p2", "p3"]


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "6", "null", '{"prediction_id": "p1"}', '{"prediction_id": "p1", "truth": NaN}', '{"surprise": 1}'],
)
def test_a_line_that_is_no_event_is_refused_alone(send, line):
    answer = send(f'{line}\n{{"prediction_id": "p2", "truth": 6}}\n', NDJSON).json
    assert (answer["stored"], answer["refused"], answer["refusals"][0]["line"]) == (1, 1, 1)


def test_only_the_first_refusals_are_named(send):
    answer = send("prediction_id,truth\n" + "p1,six\n" * 50).json
    assert (answer["refused"], [one["line"] for one in answer["refusals"]]) == (50, list(range(2, 22)))


@pytest.mark.parametrize(
    "header", ["", "prediction_id", "prediction_id,truth,colour", "truth,truth,prediction_id", '"']
)
def test_a_first_line_that_does_not_name_the_columns_is_refused(send, header):
    answer = send(f"{header}\np1,6\n")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert "prediction_id,truth[,event_time,source]" in answer.json["detail"]


def test_a_line_without_end_is_refused_before_it_fills_the_memory(send):
    answer = send(io.BytesIO(b"prediction_id,truth\n" + b"x" * 2**20))
    assert (answer.status_code, "line 2 is longer than 65536 bytes" in answer.json["detail"]) == (422, True)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/octet-stream"])
def test_another_type_is_refused(send, kind):
    assert send("prediction_id,truth\np1,6\n", kind).status_code in (403, 415)


def test_a_body_is_read_in_blocks_each_stored_before_the_next_is_read(send, router, state, monkeypatch):
    monkeypatch.setattr(feedback_bulk, "LINES_PER_BLOCK", 2)
    taken = []

    def body():
        yield b"prediction_id,truth\n"
        for n in range(1, 10):
            taken.append(len(table(state)))
            yield f"p{n},6\n".encode() + b"\n" * 2**16

    answer = send("", environ_overrides={"wsgi.input": _Raw(body()), "wsgi.input_terminated": True})
    assert answer.json == ZERO | {"stored": 9}
    assert taken[-1] >= 4


def test_an_upload_that_broke_off_is_sent_again_as_a_whole(send, state, monkeypatch):
    monkeypatch.setattr(feedback_bulk, "LINES_PER_BLOCK", 2)
    whole = "prediction_id,truth\n" + "".join(f"p{n},6\n" for n in range(1, 10))
    cut = whole[: whole.index("p6") + 3].encode()  # of "p6,10" the head "p6,1" would be a truth as well
    broken = {"wsgi.input": io.BytesIO(cut), "wsgi.input_terminated": True, "CONTENT_LENGTH": str(len(whole))}
    answer = send("", environ_overrides=broken).json
    assert (answer["stored"], answer["refused"]) == (5, 1)
    assert "the body may have been cut here" in answer["refusals"][0]["reason"]
    assert send(whole).json == ZERO | {"stored": 4, "duplicate": 5}
    assert [row[0] for row in table(state)] == [f"p{n}" for n in range(1, 10)]


def test_a_database_that_is_away_says_how_far_it_came(send, state, monkeypatch):
    monkeypatch.setattr(feedback_bulk, "LINES_PER_BLOCK", 2)
    take, calls = feedback_bulk.take, []

    def fail_later(*args):
        calls.append(1)
        if len(calls) == 3:
            raise sa.exc.OperationalError("INSERT", {}, Exception("database is locked"))
        return take(*args)

    monkeypatch.setattr(feedback_bulk, "take", fail_later)
    answer = send("prediction_id,truth\n" + "".join(f"p{n},6\n" for n in range(1, 10)))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "what stands before line 6 is stored, send it again" in answer.json["detail"]
    with state.read() as connection:
        assert len(labelled_pairs(connection, "wine_quality", 1, 2)) == 4


class _Raw(io.RawIOBase):
    """A body that is made while it is read."""

    def __init__(self, parts) -> None:
        self._parts = parts
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        self._rest = self._rest or next(self._parts, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size
