"""One page to words: prepared, cut into lines, read by the engines that are there, put into reading order."""

import resource
from collections.abc import Iterator, Sequence

import numpy as np

from mlops_assets.ocr.calibration import calibration
from mlops_assets.ocr.document import Page, Word
from mlops_assets.ocr.engines import ENGINES
from mlops_assets.ocr.engines.engine import Engine, Token
from mlops_assets.ocr.ensemble import read_lines
from mlops_assets.ocr.errors import DocumentError
from mlops_assets.ocr.image import Image, Quads
from mlops_assets.ocr.order import reading_order
from mlops_assets.ocr.preparation.upright import prepare
from mlops_assets.spec.documents import Reading


def usable_engines(reading: Reading) -> list[Engine]:
    """The engines that the use case asks for and this machine has, in the order asked for.

    Raises
    ------
    DocumentError
        no_engine, with how to get each.
    """
    found = {name: ENGINES[name].available() for name in reading.engines}
    if not any(one.usable for one in found.values()):
        reasons = "; ".join(f"{name}: {one.sentence}" for name, one in found.items())
        raise DocumentError("no_engine", f"no OCR engine can be used: {reasons}")
    return [ENGINES[name] for name, one in found.items() if one.usable]


def recognise(image: Image, number: int, reading: Reading) -> Page:
    """The page's words.

    Parameters
    ----------
    image
        RGB of shape (height, width, 3).
    number
        Of the page, from 1.
    """
    before = processor_seconds()
    engines = usable_engines(reading)
    page = prepare(image)
    found = read_lines(page.lines, engines, reading.language, calibration())
    return Page(
        number,
        page.width,
        page.height,
        tuple(ordered_words(page.corners, found)),
        "+".join(engine.name for engine in engines),
        page.turn,
        page.skew,
        processor_seconds() - before,
    )


def ordered_words(quads: Quads, found: Sequence[Sequence[Token]]) -> Iterator[Word]:
    """Words in reading order, from the corners of their lines on the upright page."""
    boxes = np.concatenate([quads.min(axis=1), quads.max(axis=1)], axis=1).astype(np.float64)
    line = 0
    for block, rows in enumerate(reading_order(boxes)):
        for row in rows:
            words = [place(token, quads[piece], line, block) for piece in row for token in found[piece]]
            yield from words
            line += bool(words)


def place(token: Token, quad: Quads, line: int, block: int) -> Word:
    """The word on the page: its share of the line's corners, as an upright box."""
    shares = np.array([[token.start], [token.end]])
    upper, lower = quad[0] + (quad[1] - quad[0]) * shares, quad[3] + (quad[2] - quad[3]) * shares
    corners = np.concatenate([upper, lower])
    left, top = np.floor(corners.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(corners.max(axis=0)).astype(int).tolist()
    return Word(token.text, token.confidence, left, top, right, bottom, line, block)


def processor_seconds() -> float:
    """Processor seconds of this process and of the children it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
