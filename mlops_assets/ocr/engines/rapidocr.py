"""RapidOCR: PP-OCR networks in onnxruntime, weights in its wheel, one thread."""

import importlib.util
from collections.abc import Iterator
from functools import cache
from typing import Any

from mlops_assets.ocr.document import Word
from mlops_assets.ocr.engines.engine import Availability, Engine, Image

GET_IT = "pip install rapidocr onnxruntime"
ONE_THREAD = {
    "Global.log_level": "error",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


def available() -> Availability:
    """Whether the package is installed; its networks come with it."""
    missing = [name for name in ("rapidocr", "onnxruntime") if importlib.util.find_spec(name) is None]
    if missing:
        return Availability(False, f"{' and '.join(missing)} is not installed; {GET_IT}")
    return Availability(True, "networks from its wheel")


def read(image: Image, language: str) -> list[Word]:
    """Words of an upright page; the language is not asked for, the network reads Latin and Chinese script."""
    found = networks()(image[:, :, ::-1], use_cls=False, return_word_box=True)
    if found.boxes is None:
        return []
    return [word for line, parts in enumerate(found.word_results) for word in _words(parts, line)]


@cache
def networks() -> Any:
    """The networks, loaded once a process."""
    from rapidocr import RapidOCR

    return RapidOCR(params=ONE_THREAD)


def _words(parts: tuple[tuple[str, float, list[list[int]]], ...], line: int) -> Iterator[Word]:
    for text, confidence, corners in parts:
        across, down = [x for x, _ in corners], [y for _, y in corners]
        yield Word(text, float(confidence), min(across), min(down), max(across), max(down), line, 0)


ENGINE = Engine("rapidocr", available, read)
