"""Tesseract, as a command: whatever it does, its process can be killed."""

import csv
import io
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

import numpy as np

from mlops_assets.ocr.engines.engine import Availability, Engine, Lines, Token
from mlops_assets.ocr.errors import DocumentError
from mlops_assets.ocr.image import Image

COMMAND = "tesseract"
GET_IT = "Debian: apt-get install tesseract-ocr tesseract-ocr-LANGUAGE; macOS: brew install tesseract tesseract-lang"
WORD_LEVEL = "5"  # of tesseract's TSV: 1 page, 2 block, 3 paragraph, 4 line, 5 word
BORDER = 12  # pixels of white around each line
PAPER_PERCENTILE = 90


def available() -> Availability:
    """Whether the command is on the path."""
    path = shutil.which(COMMAND)
    if path is None:
        return Availability(False, f"the command {COMMAND} is not on the path; {GET_IT}")
    return Availability(True, path)


def version() -> str:
    """The first line of what the command says of itself."""
    said = subprocess.run([COMMAND, "--version"], capture_output=True, check=True, text=True)
    return said.stdout.partition("\n")[0]


def read_lines(lines: Lines, language: str) -> list[list[Token]]:
    """Words of each line; all are read at once, one under the other on one sheet."""
    words: list[list[Token]] = [[] for _ in lines]
    if not lines:
        return words
    sheet, tops = stack(lines)
    for text, confidence, left, right, middle in parse(run(sheet, language)):
        number = int(np.searchsorted(tops, middle, side="right")) - 1
        width = lines[number].shape[1]
        start, end = ((x - BORDER) / width for x in (left, right))
        words[number].append(Token(text, confidence, min(max(start, 0.0), 1.0), min(max(end, 0.0), 1.0)))
    return [sorted(found, key=lambda word: word.start) for found in words]


def stack(lines: Lines) -> tuple[Image, list[int]]:
    """One white sheet with the lines under each other, paper made white; and where each begins, from the top."""
    tops = np.cumsum([0, *(len(line) + 2 * BORDER for line in lines)])
    sheet = np.full((int(tops[-1]), max(line.shape[1] for line in lines) + 2 * BORDER, 3), 255, np.uint8)
    for line, top in zip(lines, tops[:-1], strict=True):
        paper = max(float(np.percentile(line, PAPER_PERCENTILE)), 1.0)
        white = np.clip(line * (255 / paper), 0, 255).astype(np.uint8)
        sheet[top + BORDER : top + BORDER + line.shape[0], BORDER : BORDER + line.shape[1]] = white
    return sheet, [int(top) for top in tops[:-1]]


def run(sheet: Image, language: str) -> str:
    """Tesseract's TSV of one uniform block of text.

    Its messages go to a file, whose size the process limits: a flood of them is no memory of ours.
    """
    options = ("--psm", "6", "-l", language, "-c", "tessedit_do_invert=0")
    with tempfile.TemporaryFile() as messages:
        done = subprocess.run(
            [COMMAND, "stdin", "stdout", *options, "tsv"],
            input=_pixmap(sheet),
            stdout=subprocess.PIPE,
            stderr=messages,
            check=False,
        )
        if done.returncode != 0:
            messages.seek(0)
            raise _failure(done.returncode, messages.read(2**16).decode("utf-8", "replace"), language)
    return done.stdout.decode("utf-8", "replace")


def parse(tsv: str) -> Iterator[tuple[str, float, int, int, float]]:
    """Text, confidence 0..1, left, right and vertical middle of each word, pixels of the sheet."""
    for row in csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE):
        text = (row["text"] or "").strip()
        if row["level"] == WORD_LEVEL and text:
            left, top, width, height = (int(row[name]) for name in ("left", "top", "width", "height"))
            yield text, float(np.clip(float(row["conf"]) / 100, 0, 1)), left, left + width, top + height / 2


def _pixmap(image: Image) -> bytes:
    """The image as a portable pixmap, which costs nothing to write and nothing to read."""
    height, width = image.shape[:2]
    return f"P6 {width} {height} 255\n".encode("ascii") + np.ascontiguousarray(image).tobytes()


def _failure(code: int, said: str, language: str) -> DocumentError:
    if "Failed loading language" in said or "couldn't load any languages" in said:
        return DocumentError("unknown_language", f"tesseract does not know the language '{language}'; {GET_IT}")
    return DocumentError("engine_failed", f"tesseract ended with {code}: {said.strip()[:300]}")


ENGINE = Engine("tesseract", available, read_lines, version)
