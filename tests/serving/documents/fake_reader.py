"""A second implementation of a reader: the text of a document follows the magic bytes of a PNG."""

import threading
from dataclasses import dataclass, field

from mlops_assets.ocr.document import Document, Page, Word
from mlops_assets.ocr.errors import DocumentError
from mlops_assets.ocr.read import ReaderStats
from mlops_assets.spec import UseCase
from mlops_assets.spec.documents import Reading

PNG = b"\x89PNG\r\n\x1a\n"
CONFIDENCE = 0.9


def scan(text: str) -> bytes:
    """Bytes that this reader reads as a text; '!code' makes it fail with that code."""
    return PNG + text.encode()


@dataclass
class FakeReader:
    """Reads at once; `gate` holds a reading up until it is set."""

    reading: Reading
    read_texts: list[str] = field(default_factory=list)
    gate: threading.Event | None = None
    entered: threading.Event = field(default_factory=threading.Event)
    closed: bool = False

    def read(self, data: bytes, language: str | None = None) -> Document:
        try:
            text = data.removeprefix(PNG).decode()
        except UnicodeDecodeError as error:
            raise DocumentError("unreadable", "the document holds no text") from error
        self.entered.set()
        if self.gate is not None:
            assert self.gate.wait(300)
        if text.startswith("!"):
            raise DocumentError(text[1:], f"the document is {text[1:]}")
        self.read_texts.append(text)
        words = tuple(Word(one, CONFIDENCE, 10 * n, 0, 10 * n + 9, 9, 0, 0) for n, one in enumerate(text.split()))
        return Document((Page(1, 100, 50, words, "tesseract", 0, 0.0, 0.5),), language or self.reading.language)

    def stats(self) -> ReaderStats:
        return ReaderStats(0, 0, 2**20, 1, 2, 3, len(self.read_texts), len(self.read_texts))

    def close(self) -> None:
        self.closed = True


def document_use_case(wine: UseCase, **changes: object) -> UseCase:
    """A use case that reads documents: a text and a few numbers to a class."""
    told = wine.model_dump() | {"name": "letters", "target": "label", "columns": COLUMNS, "time": None, "unit": None}
    told["decision"] |= {"segments": []}
    return UseCase.model_validate(told).model_copy(update={"format": Reading(**changes)})


COLUMNS = {"text": {"kind": "text"}, "words": {"kind": "numeric"}, "label": {"kind": "category"}}
