"""The engines as they are installed, without this project around them: what the ensemble is compared with."""

import csv
import io
import subprocess
from functools import cache
from typing import Any

import numpy as np

from mlops_assets.ocr.document import Word
from mlops_assets.ocr.image import Image


def tesseract(image: Image) -> list[Word]:
    """Words of a page by Tesseract's own page segmentation (psm 3), in its own order."""
    height, width = image.shape[:2]
    done = subprocess.run(
        ["tesseract", "stdin", "stdout", "--psm", "3", "-l", "eng", "tsv"],
        input=f"P6 {width} {height} 255\n".encode("ascii") + np.ascontiguousarray(image).tobytes(),
        capture_output=True,
        check=True,
    )
    rows = csv.DictReader(io.StringIO(done.stdout.decode("utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [_word(row) for row in rows if row["level"] == "5" and row["text"].strip()]


def rapidocr(image: Image) -> list[Word]:
    """Lines of a page by RapidOCR as it comes, but for one thread; one word here is one of its lines."""
    found = _network()(image[:, :, ::-1])
    if found.boxes is None:
        return []
    return [
        Word(text, float(score), *_bounds(box), number, 0)
        for number, (text, score, box) in enumerate(zip(found.txts, found.scores, found.boxes, strict=True))
    ]


@cache
def _network() -> Any:
    from rapidocr import RapidOCR

    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    return RapidOCR(params={"Global.log_level": "error", **threads})


def _word(row: dict[str, str]) -> Word:
    left, top, width, height = (int(row[name]) for name in ("left", "top", "width", "height"))
    return Word(row["text"].strip(), float(row["conf"]) / 100, left, top, left + width, top + height, 0, 0)


def _bounds(box: Any) -> tuple[int, int, int, int]:
    corners = np.asarray(box)
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return round(float(left)), round(float(top)), round(float(right)), round(float(bottom))
