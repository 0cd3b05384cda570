"""RapidOCR: PP-OCR networks in onnxruntime, weights in its wheel; reads Latin and Chinese script."""

import importlib.util
from importlib import metadata
from itertools import pairwise

import numpy as np

from mlops_assets.ocr.engines.engine import Availability, Engine, Lines, Token
from mlops_assets.ocr.image import Image
from mlops_assets.ocr.networks import recognise
from mlops_assets.ocr.spacing import Glyph, split

GET_IT = "pip install rapidocr onnxruntime"
# The network writes Chinese punctuation and the sign for times where western print has its own.
TYPED = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {ord("×"): "x", ord("。"): "."}


def available() -> Availability:
    """Whether the package is installed; its networks come with it."""
    missing = [name for name in ("rapidocr", "onnxruntime") if importlib.util.find_spec(name) is None]
    if missing:
        return Availability(False, f"{' and '.join(missing)} is not installed; {GET_IT}")
    return Availability(True, "networks from its wheel")


def version() -> str:
    """Of the package, which holds the weights, and of what computes them."""
    return f"rapidocr {metadata.version('rapidocr')}, onnxruntime {metadata.version('onnxruntime')}"


def read_lines(lines: Lines, language: str) -> list[list[Token]]:
    """Words of each line; the language is not asked for."""
    return [read_line(line) for line in lines]


def read_line(line: Image) -> list[Token]:
    """Words of one line."""
    words = split(recognise(line), line)
    if not words:
        return []
    between = [(before[-1].centre + after[0].centre) / 2 for before, after in pairwise(words)]
    spans = pairwise([0.0, *between, 1.0])
    return [Token(_text(word), _confidence(word), *span) for word, span in zip(words, spans, strict=True)]


def _text(word: list[Glyph]) -> str:
    return "".join(glyph.text for glyph in word).translate(TYPED)


def _confidence(word: list[Glyph]) -> float:
    """Of its weakest character: a word is right when all of it is."""
    return float(np.clip(min(glyph.confidence for glyph in word), 0, 1))


ENGINE = Engine("rapidocr", available, read_lines, version)
