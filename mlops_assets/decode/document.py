"""Scans: one file is one row, an archive of files is a batch; text and layout numbers stand for the pages."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from mlops_assets.decode.archive import Archive, is_archive, open_archive
from mlops_assets.decode.aside import ALONE, Aside, KeptReadings, Progress
from mlops_assets.decode.errors import DecodeError
from mlops_assets.decode.layout import layout_numbers
from mlops_assets.ocr.document import Document
from mlops_assets.ocr.edition import edition
from mlops_assets.ocr.errors import DocumentError
from mlops_assets.ocr.read import Reader
from mlops_assets.spec import Reading, UseCase

Read = Callable[[bytes], Document]

UNPARSABLE = "_unparsable"
TOLD_EVERY = 10  # documents; a page takes about a second
# What is wrong with this machine and not with the scan: the batch waits for a mend as a whole.
OURS = ("no_engine", "unknown_language", "engine_failed", "busy")


def read_documents(data: bytes, use_case: UseCase, aside: Aside = ALONE) -> pd.DataFrame:
    """A row for each scan: what is read from it, and what `labels.csv` of its archive says about it.

    Columns are those of `document_row`, those of `labels.csv`, `file` (the name within the archive), and `problem`: why
    a scan could not be read, a sentence. Such a row has neither text nor numbers, and `_unparsable` names its text with
    the code of the error, so that validation puts it into quarantine. What the use case declares and nobody brings is
    missing.

    Raises
    ------
    DecodeError
        too_many_bytes, whatever `open_archive` raises, and what is wrong with the OCR of this machine.
    """
    reading = use_case.format
    if not isinstance(reading, Reading):
        raise TypeError(f"{use_case.name}: format is {reading.kind}, no document")
    if len(data) > use_case.landing.bytes_max:
        raise DecodeError("too_many_bytes", f"{len(data)} bytes; landing.bytes_max is {use_case.landing.bytes_max}")
    if not data.strip():
        raise DecodeError("empty", "the file is empty")
    archive = open_archive(data, use_case, reading) if is_archive(data) else None
    with Reader(reading) as reader:
        scans = _scans(archive, data)
        read = reader.read if aside.kept is None else _keeping(reader, reading, aside.kept)
        rows = list(_rows(scans, 1 if archive is None else len(archive.names), read, aside.progress))
    frame = pd.DataFrame(rows, dtype=object)
    if archive is not None and len(archive.labels.columns):
        frame = _joined(frame, archive.labels)
    absent = [name for name in use_case.read_columns if name not in frame]
    return frame.assign(**dict.fromkeys(absent))


def document_row(document: Document, sha256: str) -> dict[str, Any]:
    """What a recognised scan says, by column: `document` (the hash of its bytes), `text` and the layout numbers."""
    return {"document": sha256, "text": document.text, **layout_numbers(document)}


def request_row(document: Document, sha256: str, use_case: UseCase) -> dict[str, Any]:
    """Of `document_row` what a prediction request of this use case carries, and the unit that it is about."""
    wanted = {*use_case.request_columns, use_case.unit}
    return {name: value for name, value in document_row(document, sha256).items() if name in wanted}


def _scans(archive: Archive | None, data: bytes) -> Iterator[tuple[str | None, bytes | DocumentError]]:
    """Name and bytes of each scan, or what is wrong with them."""
    if archive is None:
        yield None, data
        return
    for name in archive.names:
        try:
            yield name, archive.read(name)
        except DocumentError as error:
            yield name, error


def _rows(
    scans: Iterator[tuple[str | None, bytes | DocumentError]], count: int, read: Read, progress: Progress
) -> Iterator[dict[str, Any]]:
    broken = 0
    for done, (name, found) in enumerate(scans, start=1):
        try:
            if isinstance(found, DocumentError):
                raise found
            row = document_row(read(found), hashlib.sha256(found).hexdigest())
            yield {"file": name, **row, "problem": None, UNPARSABLE: None}
        except DocumentError as error:
            if error.code in OURS:
                raise DecodeError(error.code, error.sentence) from error
            broken += 1
            yield {"file": name, "problem": str(error), UNPARSABLE: f"text ({error.code})"}
        if done % TOLD_EVERY == 0 or done == count > 1:
            progress(f"{done} of {count} documents read" + (f", {broken} not readable" if broken else ""))


def _keeping(reader: Reader, reading: Reading, kept: KeptReadings) -> Read:
    """Read what this edition of OCR has not read yet, and keep it: a batch that is tried again goes on where it was."""
    here = edition(reading)

    def read(data: bytes) -> Document:
        sha256 = hashlib.sha256(data).hexdigest()
        plain = kept.find(sha256, here)
        if plain is not None:
            return Document.from_dict(plain)
        document = reader.read(data)
        kept.keep(sha256, here, document.to_dict())
        return document

    return read


def _joined(frame: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """The rows with the columns of `labels.csv`."""
    twice = [name for name in labels if name in frame]
    if twice:
        raise DecodeError("duplicate_columns", f"labels.csv: {twice[0]!r} is read from the scans; rename the column")
    told = labels.reindex(frame["file"]).reset_index(drop=True)
    return pd.concat([frame, told.astype(object).where(told.notna(), None)], axis=1)
