"""Documents over HTTP, with a reader that reads at once; what the real one withstands stands in tests/faults."""

import io
import threading

import pytest
from fake_reader import FakeReader, scan
from sending import rows, sent, upload

from resources.lake import Lake
from resources.settings import read_settings
from resources.state import keys
from resources.state.documents import documents, ocr_results
from serving.access import open_access
from serving.app import create_app
from serving.documents.documents import Documents
from serving.documents.forms import FILES_MAX
from serving.documents.uploads import shown_name
from serving.router import open_router, utc_now


def test_a_document_is_kept_and_read(client, state, lake):
    answer = upload(client, "a plain letter")
    assert answer.status_code == 200
    told = answer.json
    assert (told["use_case"], told["file_name"], told["media_type"], told["known"]) == (
        "letters",
        "0.png",
        "image/png",
        False,
    )
    reading = told["reading"]
    assert (reading["text"], reading["language"], reading["engines"], reading["pages"]) == (
        "a plain letter",
        "eng",
        "tesseract",
        1,
    )
    assert reading["confidence"] == pytest.approx(0.9)
    assert lake.read_bytes("letters", "documents", told["sha256"]) == scan("a plain letter")
    (row,) = rows(state, documents)
    assert (row["id"], row["size_bytes"]) == (told["document_id"], len(scan("a plain letter")))
    assert rows(state, ocr_results)[0]["words"] == f"letters/documents/read/{told['sha256']}/eng.json.gz"


def test_the_same_bytes_are_the_same_document_and_are_read_once(client, readers, state):
    first, again = upload(client, "a letter").json, upload(client, "a letter").json
    assert (first["document_id"], again["known"]) == (again["document_id"], True)
    assert again["reading"] == first["reading"]
    assert readers[0].read_texts == ["a letter"]
    assert len(rows(state, documents)) == 1


def test_the_same_bytes_sent_twice_at_once_are_read_once(client, router, readers):
    upload(client, "first")
    gate = readers[0].gate = threading.Event()
    readers[0].entered.clear()
    answers = []
    clients = [create_app(router).test_client() for _ in range(2)]
    threads = [threading.Thread(target=lambda one=one: answers.append(upload(one, "twice"))) for one in clients]
    threads[0].start()
    assert readers[0].entered.wait(30)
    threads[1].start()
    while threads[1].is_alive() and router.documents.waiting() < 1:
        pass
    gate.set()
    for thread in threads:
        thread.join(30)
    assert [answer.json["reading"]["text"] for answer in answers] == ["twice", "twice"]
    assert readers[0].read_texts == ["first", "twice"]


@pytest.mark.parametrize(
    "damage", [lambda lake, path: lake.remove(path), lambda lake, path: lake.write_bytes(b"", path)]
)
def test_a_document_whose_words_are_lost_is_read_again_when_it_is_sent_again(client, state, lake, readers, damage):
    upload(client, "a letter")
    damage(lake, rows(state, ocr_results)[0]["words"])
    assert upload(client, "a letter").json["known"]
    assert readers[0].read_texts == ["a letter", "a letter"]
    upload(client, "a letter")
    assert len(readers[0].read_texts) == 2


def test_another_language_is_another_reading_of_the_same_document(client, readers):
    first = upload(client, "ein Brief").json
    again = upload(client, "ein Brief", ocr_language="deu").json
    assert (again["document_id"], again["reading"]["language"]) == (first["document_id"], "deu")
    assert len(readers[0].read_texts) == 2
    shown = client.get(f"/document/{first['document_id']}").json
    assert [one["language"] for one in shown["readings"]] == ["deu", "eng"]


@pytest.mark.parametrize(
    ("text", "status"), [("!unreadable", 422), ("!too_many_pages", 422), ("!time_out", 504), ("!crashed", 422)]
)
def test_what_cannot_be_read_is_kept_with_the_reason(client, state, text, status):
    answer = upload(client, text)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    (error,) = answer.json["errors"]
    assert error["code"] == text[1:]
    shown = client.get(f"/document/{error['document_id']}").json
    assert [(one["error"], one["problem"]) for one in shown["readings"]] == [(text[1:], f"the document is {text[1:]}")]


@pytest.mark.parametrize("code", ["no_engine", "engine_failed"])
def test_a_machine_that_cannot_read_is_no_fault_of_the_document(client, state, code):
    answer = upload(client, f"!{code}")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert rows(state, ocr_results) == []


def test_several_files_have_each_a_result_or_an_error(client, readers):
    answer = client.post("/upload/batch", **sent("one", "!unreadable", "two"))
    assert answer.status_code == 200
    results = answer.json["results"]
    assert [one["file_name"] for one in results] == ["0.png", "1.png", "2.png"]
    assert [one["result"] and one["result"]["reading"]["text"] for one in results] == ["one", None, "two"]
    assert [one["error"] and one["error"]["status"] for one in results] == [None, 422, None]
    too_many = client.post("/upload/batch", **sent(*("a" * (FILES_MAX + 1))))
    assert too_many.status_code == 422


def test_when_too_many_wait_one_more_is_told_when_to_come_again(client, router, readers):
    upload(client, "first")
    gate = readers[0].gate = threading.Event()
    readers[0].entered.clear()
    answers = []
    clients = [create_app(router).test_client() for _ in range(2)]
    threads = [
        threading.Thread(target=lambda one=one, text=text: answers.append(upload(one, text)))
        for one, text in zip(clients, ("second", "third"), strict=True)
    ]
    for thread in threads:
        thread.start()
    assert readers[0].entered.wait(300)
    while router.documents.waiting() < 1:
        pass
    refused = upload(client, "fourth")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) >= 1
    wine = {"use_case": "wine_quality", "features": {"alcohol": 9.4}}
    assert client.post("/predict", json=wine).status_code == 200  # who asks for something else waits for none of them
    gate.set()
    for thread in threads:
        thread.join(300)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert upload(client, "fourth").status_code == 200


def test_nobody_waits_longer_than_told(client, router, readers):
    upload(client, "first")
    readers[0].gate = threading.Event()
    readers[0].entered.clear()
    router.documents.queues["letters"]._wait_s = 0.0
    slow = threading.Thread(target=upload, args=(create_app(router).test_client(), "second"))
    slow.start()
    assert readers[0].entered.wait(300)
    assert upload(client, "third").status_code == 503
    readers[0].gate.set()
    slow.join(300)


def test_each_key_has_documents_of_its_own(router, state, tmp_path):
    with state.write() as connection:
        made = [keys.create(connection, role, at=utc_now(), by="t")[1] for role in ("uploader", "uploader", "admin")]
    access = open_access(read_settings({}, home=tmp_path, keys_required=True), state, router.clock)
    client = create_app(router, access).test_client()
    mine, other, admin = ({"X-API-Key": key} for key in made)
    first = client.post("/upload", **sent("a"), headers=mine).json
    second = client.post("/upload", **sent("a"), headers=other).json
    assert (second["known"], first["sha256"]) == (False, second["sha256"])
    address = f"/document/{first['document_id']}"
    assert [client.get(address, headers=one).status_code for one in (mine, other, admin)] == [200, 404, 200]
    unknown = client.get("/document/x", headers=other)
    assert unknown.json["detail"] == client.get(address, headers=other).json["detail"].replace(
        first["document_id"], "x"
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\scans\\a.png", "a.png"),
        ("a\nb.png", "a\\nb.png"),
        ("fdp\u202egnp.exe", "fdp\\u202egnp.exe"),
        ("=cmd|'/C calc'!A0", "C calc'!A0"),
        ("<script>alert(1)</script>.png", "script>.png"),
        ("x" * 400, "x" * 255),
        ("..", ".."),
        ("", "unnamed"),
    ],
)
def test_a_name_is_shown_without_what_deceives(name, shown):
    assert shown_name(name) == shown


def test_a_name_leads_nowhere(client, lake):
    body = {"file": (io.BytesIO(scan("a")), "../../../<img src=x onerror=alert(1)>.png")}
    told = client.post("/upload", data=body, content_type="multipart/form-data").json
    assert told["file_name"] == "<img src=x onerror=alert(1)>.png"
    assert sorted(lake.names("letters", "documents")) == sorted([told["sha256"], "read"])


def test_a_reader_is_closed_with_the_router(client, router, readers):
    upload(client, "a")
    router.close()
    assert readers[0].closed


def test_documents_are_kept_in_any_store_that_fsspec_knows(use_cases, state, make_models):
    lake = Lake("memory://letters-of-a-test")
    router = open_router(use_cases, state, make_models(), documents=Documents(use_cases, lake, FakeReader))
    told = upload(create_app(router).test_client(), "a letter").json
    assert lake.read_bytes("letters", "documents", told["sha256"]) == scan("a letter")
    assert lake.names("letters", "documents", "read", told["sha256"]) == ["eng.json.gz"]
    router.close()
