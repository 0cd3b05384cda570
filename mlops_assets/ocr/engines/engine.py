"""What every OCR engine is to this room: a name, a reason why it is not there, and a function from lines to words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mlops_assets.ocr.image import Image


@dataclass(frozen=True)
class Availability:
    """Whether an engine can be used here.

    Attributes
    ----------
    sentence : str
        What was found; where nothing was, how to get it.
    """

    usable: bool
    sentence: str


@dataclass(frozen=True)
class Token:
    """One word of a line.

    Attributes
    ----------
    confidence : float
        0..1, as the engine gives it or, once calibrated, the probability that the word is right.
    start, end : float
        Shares of the line's width, 0..1.
    """

    text: str
    confidence: float
    start: float
    end: float


Lines = Sequence[Image]


@dataclass(frozen=True)
class Engine:
    """One OCR engine.

    Attributes
    ----------
    available : Callable[[], Availability]
        Asked before every use, so cheap.
    read_lines : Callable[[Lines, str], list[list[Token]]]
        Takes lines cut from a page, RGB of shape (height, width, 3) each, and a language; gives the words of each line
        from left to right, with the engine's own confidence. Raises DocumentError 'engine_failed', 'unknown_language'.
    version : Callable[[], str]
        Which one it is; asked only where it is available.
    """

    name: str
    available: Callable[[], Availability]
    read_lines: Callable[[Lines, str], list[list[Token]]]
    version: Callable[[], str]
