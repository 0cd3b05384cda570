"""Scans whose text is known: files that a reader of this module reads without OCR, a line of text a line of words."""

import io
import zipfile
from collections.abc import Sequence

import numpy as np

from mlops_assets.demo.papers import KINDS, Language, write_paper
from mlops_assets.ocr.document import Document, Page, Word
from mlops_assets.ocr.errors import DocumentError
from mlops_assets.ocr.kinds import check_kind
from mlops_assets.spec import Reading

PNG = b"\x89PNG\r\n\x1a\n"
LETTER, STEP = 10, 30  # pixels


class ToldReader:
    """In place of `ocr.read.Reader`: the bytes behind the magic are the text, or behind '!' the code of an error."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def __enter__(self) -> "ToldReader":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read(self, data: bytes) -> Document:
        check_kind(data, self.reading)
        text = data.removeprefix(PNG).decode()
        if text.startswith("!"):
            raise DocumentError(text[1:], "the scan is of no use")
        return Document((told_page(text.splitlines()),), self.reading.language)


def told_page(lines: Sequence[str]) -> Page:
    """A page with these lines, each letter as wide as the other."""
    words, width = [], 600
    for number, line in enumerate(lines):
        left = 40
        for word in line.split():
            box = (left, number * STEP, left + LETTER * len(word), number * STEP + 2 * LETTER)
            words.append(Word(word, 0.9, *box, line=number, block=0))
            left = box[2] + LETTER
    return Page(1, width, STEP * (len(lines) + 1), tuple(words), "told", 0, 0.0, 0.0)


def told_archive(language: Language, pages: int, random_state: int, broken: int = 0) -> bytes:
    """An archive of invented papers with labels, then `broken` files that cannot be read."""
    random, buffer, table = np.random.default_rng(random_state), io.BytesIO(), ["file,label,source"]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(pages):
            kind, name = KINDS[number % len(KINDS)], f"{random_state}-{number}.png"
            lines = [f"{line.left} {line.right}" for line in write_paper(kind, language, random)]
            if language == "spanish":  # a word a line, as a narrow printer prints: no layout is as it was
                lines = " ".join(lines).split()
            archive.writestr(name, PNG + "\n".join(lines).encode())
            table.append(f"{name},{kind},maker {random_state}-{number}")
        for number in range(broken):
            archive.writestr(f"broken-{number}.png", PNG + b"!unreadable")
        archive.writestr("labels.csv", "\n".join([*table, ""]))
    return buffer.getvalue()
