"""Forms that bring no document that is read: what is refused, and that nothing of it is kept."""

import io

import pytest
from flask import Request
from sending import raw, rows, sent, upload

from resources.state.documents import documents
from serving.documents.forms import PARTS_MAX
from tests.serving.documents.conftest import LIMITS

FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nabc'


@pytest.mark.parametrize("rest", [b"", b"\r\n--b\r\nno header", (b"\r\n" + FILE) * PARTS_MAX + b"\r\n--b--"])
def test_a_form_that_is_cut_off_or_too_long_leaves_no_file_open(client, monkeypatch, rest):
    opened = []

    def open_file(self, *args, **kwargs):
        opened.append(io.BytesIO())
        return opened[-1]

    monkeypatch.setattr(Request, "_get_file_stream", open_file)
    answer = client.post("/upload", data=FILE + rest, content_type="multipart/form-data; boundary=b")
    assert answer.status_code in (413, 422)
    assert opened
    assert all(stream.closed for stream in opened)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<html>", b"%PDF", b"MZ\x90\0"])
def test_another_kind_of_file_is_refused_and_not_kept(client, state, lake, data):
    body = {"file": (io.BytesIO(data), "scan.png")}
    answer = client.post("/upload", data=body, content_type="multipart/form-data")
    assert answer.status_code == (422 if data == b"" else 415)
    assert rows(state, documents) == []
    assert lake.names("letters", "documents") == []


def test_a_file_above_its_limit_is_refused_and_not_kept(client, state, lake):
    answer = upload(client, "a" * LIMITS["bytes_max"])
    assert answer.status_code == 413
    assert "raise format.bytes_max of letters" in answer.json["detail"]
    assert rows(state, documents) == []
    assert lake.names("letters", "documents") == []


def test_a_body_above_every_limit_is_refused_before_it_is_read(client, readers):
    answer = client.post("/upload", **raw(file="a" * 2**20))
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")
    assert readers == []


def test_a_form_of_many_parts_or_long_fields_is_refused(client):
    many = client.post("/upload", **sent("a", **{f"f{number}": "" for number in range(PARTS_MAX)}))
    long = client.post("/upload", **raw(ocr_language="a" * 600_000))
    assert [many.status_code, long.status_code] == [413, 413]


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"ocr_language": "../eng"}, "ocr_language"),
        ({"ocr_language": "[" * 10_000}, "ocr_language"),
        ({"colour": "red"}, "colour"),
        ({"return_all_scores": "perhaps"}, "return_all_scores"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(client, fields, word):
    answer = upload(client, "a", **fields)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == word


@pytest.mark.parametrize("texts", [(), ("a", "b")])
def test_one_file_is_due(client, texts):
    answer = upload(client, *texts)
    assert answer.status_code == 422
    assert "one file must be sent in the form field file" in answer.json["detail"]


@pytest.mark.parametrize(
    ("name", "status", "word"),
    [("beer", 404, "unknown"), ("wine_quality", 400, "reads no documents; these do: letters")],
)
def test_a_use_case_that_reads_no_documents_is_named(client, name, status, word):
    answer = upload(client, "a", use_case=name)
    assert answer.status_code == status
    assert word in answer.json["detail"]


def test_json_is_not_taken_and_a_form_of_another_site_neither(client):
    assert client.post("/upload", json={}).status_code == 415
    assert client.post("/upload", **sent("a"), headers={"Origin": "http://evil.example"}).status_code == 403
