"""What every OCR engine is to this room: a name, a reason why it is not there, and a function from image to words."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_assets.ocr.document import Word

Image = NDArray[np.uint8]


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
class Engine:
    """One OCR engine.

    Attributes
    ----------
    available : Callable[[], Availability]
        Asked before every use, so cheap.
    read : Callable[[Image, str], list[Word]]
        Takes an upright page, RGB of shape (height, width, 3), and a language; gives words with the engine's own
        confidence, 0..1, in the engine's own order. Raises DocumentError 'engine_failed' or 'unknown_language'.
    """

    name: str
    available: Callable[[], Availability]
    read: Callable[[Image, str], list[Word]]
