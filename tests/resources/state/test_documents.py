from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from resources.document_store import BatchReadings, forget, keep_words, read_words
from resources.lake import Lake, LakeError
from resources.state.documents import (
    OcrResult,
    StoredDocument,
    add_document,
    add_result,
    document_of,
    document_predictions,
    documents,
    find_document,
    last_reading,
    link_predictions,
    newest_documents,
    ocr_results,
    predictions_of,
    results_of,
)
from resources.state.predictions import insert
from resources.state.prune import Pruning, prune_block
from resources.state.prune_documents import prune_documents


@pytest.fixture
def document(at):
    return StoredDocument("d1", "letters", "a" * 64, "scan.png", "image/png", 10, at, "")


@pytest.fixture
def result(at):
    return OcrResult("d1", "eng", "tesseract", 1, "a letter", 0.9, "letters/documents/read/x", 0.5, None, None, at)


def count(state, table) -> int:
    with state.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_the_same_bytes_of_one_caller_are_one_document(state, document):
    with state.write() as connection:
        assert add_document(connection, document) == document
        assert add_document(connection, replace(document, id="d2", file_name="other.png")) == document
        theirs = replace(document, id="d3", uploaded_by="other")
        assert add_document(connection, theirs) == theirs
        elsewhere = replace(document, id="d4", use_case="forms")
        assert add_document(connection, elsewhere) == elsewhere
    with state.read() as connection:
        assert find_document(connection, "d1") == document
        assert find_document(connection, "d2") is None
        assert [one.id for one in newest_documents(connection, "letters", 10)] == ["d3", "d1"]


def test_the_last_reading_is_the_newest_that_succeeded(state, document, result):
    failed = replace(result, text="", words=None, confidence=None, error="time_out", problem="it took too long")
    with state.write() as connection:
        add_document(connection, document)
        assert last_reading(connection, "d1") is None
        add_result(connection, failed)
        assert last_reading(connection, "d1") is None
        first = add_result(connection, result)
        german = add_result(connection, replace(result, language="deu"))
        last = add_result(connection, failed)
        assert last_reading(connection, "d1").id == german
        assert last_reading(connection, "d1", "eng").id == first
        assert last_reading(connection, "d1", "fra") is None
        assert [one.id for one in results_of(connection, "d1", limit=3)] == [last, german, first]


def test_predictions_are_found_from_their_document_and_back(state, document, result, make_prediction):
    with state.write() as connection:
        number = add_result(connection, result)
        insert(connection, [make_prediction("p1"), make_prediction("p2"), make_prediction("p3")])
        link_predictions(connection, "d1", number, ["p1", "p2"])
        assert predictions_of(connection, "d1") == ["p2", "p1"]
        assert predictions_of(connection, "d1", limit=1) == ["p2"]
        assert (document_of(connection, "p1"), document_of(connection, "p3")) == ("d1", None)


def test_words_come_back_from_the_lake(tmp_path):
    lake, plain = Lake(str(tmp_path)), {"pages": [{"words": ["a"]}], "language": "eng"}
    path = keep_words(lake, "letters", "a" * 64, "eng+deu", plain)
    assert path == f"letters/documents/read/{'a' * 64}/eng+deu.json.gz"
    assert read_words(lake, path) == plain
    with pytest.raises(LakeError, match="is not in the lake"):
        read_words(lake, "letters/documents/read/x/eng.json.gz")


def test_readings_of_batches_are_found_by_scan_and_edition_and_go_with_the_document(tmp_path):
    lake, plain = Lake(str(tmp_path)), {"pages": [], "language": "eng"}
    readings = BatchReadings(lake, "letters")
    readings.keep("a" * 64, "e1", plain)
    assert readings.find("a" * 64, "e1") == plain
    assert [readings.find("a" * 64, "e2"), readings.find("b" * 64, "e1")] == [None, None]
    forget(lake, "letters", "a" * 64)
    assert readings.find("a" * 64, "e1") is None


def test_old_documents_go_when_no_prediction_rests_on_them(state, tmp_path, document, result, make_prediction, at):
    lake = Lake(str(tmp_path / "lake"))
    old = {"d1": "a" * 64, "d2": "b" * 64, "d3": "c" * 64, "d4": "d" * 64}
    with state.write() as connection:
        insert(connection, [make_prediction("p1", use_case="letters"), make_prediction("p2", use_case="letters")])
        for name, sha256 in old.items():
            uploaded_at = at + timedelta(hours=2) if name == "d3" else at
            add_document(connection, replace(document, id=name, sha256=sha256, uploaded_at=uploaded_at))
            add_result(connection, replace(result, document_id=name))
            keep_words(lake, "letters", sha256, "eng", {})
            lake.write_bytes(b"scan", "letters", "documents", sha256)
        add_document(connection, replace(document, id="d5", sha256="d" * 64, uploaded_by="other", uploaded_at=at))
        link_predictions(connection, "d1", 1, ["p1"])
        link_predictions(connection, "d5", 1, ["p2"])
    before = at + timedelta(hours=1)
    assert prune_documents(state, lake, "letters", before, rows=1) == 2  # d2 and d4; d1 and d5 have predictions
    with state.read() as connection:
        left = set(connection.execute(sa.select(documents.c.id)).scalars())
    assert left == {"d1", "d3", "d5"}
    assert count(state, ocr_results) == 2
    kept = sorted([*("abcd"[number] * 64 for number in (0, 2, 3)), "read"])
    assert sorted(lake.names("letters", "documents")) == kept  # d5 has the bytes of d4
    assert lake.names("letters", "documents", "read", "b" * 64) == []
    prune_block(state, Pruning("letters", before, None))
    assert count(state, document_predictions) == 0
    assert prune_documents(state, lake, "letters", before) == 2
