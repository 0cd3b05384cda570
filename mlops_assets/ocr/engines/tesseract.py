"""Tesseract, as a command: whatever it does, its process can be killed."""

import csv
import io
import shutil
import subprocess

import numpy as np

from mlops_assets.ocr.document import Word
from mlops_assets.ocr.engines.engine import Availability, Engine, Image
from mlops_assets.ocr.errors import DocumentError

COMMAND = "tesseract"
GET_IT = "Debian: apt-get install tesseract-ocr tesseract-ocr-LANGUAGE; macOS: brew install tesseract tesseract-lang"
WORD_LEVEL = "5"  # of tesseract's TSV: 1 page, 2 block, 3 paragraph, 4 line, 5 word


def available() -> Availability:
    """Whether the command is on the path."""
    path = shutil.which(COMMAND)
    if path is None:
        return Availability(False, f"the command {COMMAND} is not on the path; {GET_IT}")
    return Availability(True, path)


def read(image: Image, language: str) -> list[Word]:
    """Words of an upright page, by automatic page segmentation (psm 3)."""
    done = subprocess.run(
        [COMMAND, "stdin", "stdout", "--psm", "3", "-l", language, "tsv"],
        input=_pnm(image),
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise _failure(done.returncode, done.stderr.decode("utf-8", "replace"), language)
    return parse(done.stdout.decode("utf-8", "replace"))


def parse(tsv: str) -> list[Word]:
    """Words of tesseract's TSV; lines and blocks are numbered through the page."""
    lines: dict[tuple[str, str, str], int] = {}
    words = []
    for row in csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["level"] != WORD_LEVEL or not row["text"].strip():
            continue
        line = lines.setdefault((row["block_num"], row["par_num"], row["line_num"]), len(lines))
        left, top, width, height = (int(row[name]) for name in ("left", "top", "width", "height"))
        confidence = min(max(float(row["conf"]) / 100, 0.0), 1.0)
        block = int(row["block_num"]) - 1
        words.append(Word(row["text"].strip(), confidence, left, top, left + width, top + height, line, block))
    return words


def _pnm(image: Image) -> bytes:
    """The image as a portable pixmap, which costs nothing to write and nothing to read."""
    height, width = image.shape[:2]
    return f"P6 {width} {height} 255\n".encode("ascii") + np.ascontiguousarray(image).tobytes()


def _failure(code: int, said: str, language: str) -> DocumentError:
    if "Failed loading language" in said or "couldn't load any languages" in said:
        return DocumentError("unknown_language", f"tesseract does not know the language '{language}'; {GET_IT}")
    return DocumentError("engine_failed", f"tesseract ended with {code}: {said.strip()[-300:]}")


ENGINE = Engine("tesseract", available, read)
