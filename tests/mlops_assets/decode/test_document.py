import hashlib
import io
from collections.abc import Iterator

import pandas as pd
import pytest

from mlops_assets.decode import document
from mlops_assets.decode.aside import Aside
from mlops_assets.decode.document import document_row, read_documents, request_row
from mlops_assets.decode.encode import encode
from mlops_assets.decode.errors import DecodeError
from mlops_assets.decode.table import decode_batch
from mlops_assets.ocr.document import Document
from mlops_assets.spec import Reading
from mlops_assets.use_cases.load import find_use_case
from tests.mlops_assets.decode.test_archive import packed
from tests.stage.told_reader import PNG, ToldReader


@pytest.fixture
def use_case(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setattr(document, "Reader", ToldReader)
    return find_use_case("document_type")


def test_a_single_scan_is_one_row_without_a_label(use_case) -> None:
    frame = decode_batch(PNG + b"Receipt", use_case)
    assert list(frame) == [*use_case.columns, "_unparsable"]
    row = frame.iloc[0]
    assert (len(frame), row["text"], row["words"], row["_unparsable"]) == (1, "Receipt", 1.0, None)
    assert row["document"] == hashlib.sha256(PNG + b"Receipt").hexdigest()
    assert row[["label", "file", "problem"]].tolist() == [None] * 3


def test_an_archive_is_a_row_for_each_scan_with_what_its_labels_say(use_case) -> None:
    labels = b"file,label,source,note\nb.png,receipt,shop 1,x\n"
    data = packed({"a.png": PNG + b"Form", "b.png": PNG + b"Receipt", "labels.csv": labels})
    frame = decode_batch(data, use_case)
    assert frame["file"].tolist() == ["a.png", "b.png"]
    assert frame["label"].tolist() == [None, "receipt"]
    assert frame["source"].tolist() == [None, "shop 1"]
    assert "note" not in frame


def test_a_broken_scan_is_one_row_in_quarantine_with_its_reason(use_case) -> None:
    from mlops_assets.validation.validate import validate_batch

    nested = packed({"c.png": PNG})
    data = packed({"a.png": PNG + b"!unreadable", "b.png": PNG + b"Form", "c.png": PNG + b"Letter", "d": nested})
    found = validate_batch(decode_batch(data, use_case), use_case)
    assert found.accepted["file"].tolist() == ["b.png", "c.png"]
    assert found.quarantined["file"].tolist() == ["a.png", "d"]
    assert found.quarantined["_reasons"].tolist() == [
        "not readable: text (unreadable)",
        "not readable: text (unsupported_type)",
    ]
    assert found.quarantined["problem"].tolist()[0] == "the scan is of no use [unreadable]"
    assert found.report["unparsable"]["before"]["text (unreadable)"] == 1


def test_a_blank_page_is_a_row_without_text(use_case) -> None:
    row = decode_batch(PNG, use_case).iloc[0]
    assert (row["text"], row["words"], row["_unparsable"]) == (None, 0.0, None)


@pytest.mark.parametrize("code", ["no_engine", "unknown_language", "engine_failed"])
def test_what_this_machine_lacks_fails_the_batch(code, use_case) -> None:
    with pytest.raises(DecodeError, match="the scan is of no use") as caught:
        read_documents(packed({"a.png": PNG + f"!{code}".encode()}), use_case)
    assert caught.value.code == code


def test_long_archives_tell_how_far_they_are(use_case) -> None:
    said: list[str] = []
    files = {f"{n:02d}.png": PNG + (b"!unreadable" if n == 3 else b"Form") for n in range(23)}
    read_documents(packed(files), use_case, Aside(said.append))
    assert said == [
        "10 of 23 documents read, 1 not readable",
        "20 of 23 documents read, 1 not readable",
        "23 of 23 documents read, 1 not readable",
    ]


class Kept(dict):
    """Readings by hash and edition."""

    def find(self, sha256: str, edition: str) -> dict | None:
        return self.get((sha256, edition))

    def keep(self, sha256: str, edition: str, plain: dict) -> None:
        self[sha256, edition] = plain


class CountingReader(ToldReader):
    reads = 0

    def read(self, data: bytes) -> Document:
        CountingReader.reads += 1
        return super().read(data)


def test_a_batch_that_failed_halfway_is_not_read_again_from_its_start(use_case, monkeypatch) -> None:
    monkeypatch.setattr(document, "Reader", CountingReader)
    monkeypatch.setattr(CountingReader, "reads", 0)
    good = {"a.png": PNG + b"Form", "b.png": PNG + b"Letter"}
    aside = Aside(kept=Kept())
    with pytest.raises(DecodeError):
        read_documents(packed({**good, "c.png": PNG + b"!engine_failed"}), use_case, aside)
    frame = read_documents(packed({**good, "c.png": PNG + b"Receipt"}), use_case, aside)
    assert frame["text"].tolist() == ["Form", "Letter", "Receipt"]
    assert CountingReader.reads == 3 + 1
    pd.testing.assert_frame_equal(frame, read_documents(packed({**good, "c.png": PNG + b"Receipt"}), use_case))


def test_what_another_edition_of_ocr_read_is_read_again(use_case, monkeypatch) -> None:
    monkeypatch.setattr(document, "Reader", CountingReader)
    monkeypatch.setattr(CountingReader, "reads", 0)
    aside = Aside(kept=Kept())
    for name in ("first", "first", "second"):
        monkeypatch.setattr(document, "edition", lambda reading, name=name: name)
        read_documents(PNG + b"Form", use_case, aside)
    assert CountingReader.reads == 2


def test_labels_that_name_what_is_read_from_scans_are_refused(use_case) -> None:
    data = packed({"a.png": PNG, "labels.csv": b"file,text\na.png,hello\n"})
    with pytest.raises(DecodeError, match="'text' is read from the scans"):
        read_documents(data, use_case)


@pytest.mark.parametrize("data", [b"", b" \n"])
def test_nothing_is_refused(data, use_case) -> None:
    with pytest.raises(DecodeError, match="empty"):
        read_documents(data, use_case)


def test_more_bytes_than_a_batch_may_have_are_refused(use_case) -> None:
    small = use_case.model_copy(update={"landing": use_case.landing.model_copy(update={"bytes_max": 5})})
    with pytest.raises(DecodeError, match="bytes_max is 5"):
        read_documents(PNG, small)


def test_a_request_carries_what_the_model_needs_and_the_unit(use_case) -> None:
    found = ToldReader(Reading()).read(PNG + b"Receipt")
    row = request_row(found, "a" * 64, use_case)
    assert set(row) == {*use_case.request_columns, "document"}
    assert row.items() <= document_row(found, "a" * 64).items()


@pytest.mark.slow
def test_a_drawn_page_is_read(tmp_path) -> None:
    from tests.mlops_assets.ocr.drawn import draw, encode

    frame = decode_batch(encode(draw(("Invoice 4711", "Total 128.50"))), find_use_case("document_type"))
    assert frame["text"].tolist() == ["Invoice 4711\nTotal 128.50"]
    assert frame["amounts"].tolist() == [0.25]


def test_what_a_spreadsheet_would_compute_is_written_as_text(use_case) -> None:
    read = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "Total = 3", None]

    data = encode(pd.DataFrame({"text": read, "words": [-1.0] * 7}), use_case)

    assert pd.read_csv(io.BytesIO(data))["text"].tolist()[:6] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@SUM(A1)",
        "'\t=1",
        "Total = 3",
    ]
    assert pd.read_csv(io.BytesIO(data))["words"].tolist() == [-1.0] * 7
