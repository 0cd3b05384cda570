"""A recognised line cut into words, where the network reads a blank or the eye sees a gap."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mlops_assets.ocr.image import Image

GAP_MIN = 0.4  # of the line's height; letters stand closer in print, words hardly do
GAP_TIMES = 3.0  # and so many times the line's usual gap, for print that is spaced out
IDEOGRAPHS_FROM = "\u2e80"  # from here on scripts are written without blanks
INK_MIN = 0.04  # share of a column that is ink; less is a speck


@dataclass(frozen=True)
class Glyph:
    """One recognised character of a line.

    Attributes
    ----------
    text : str
        One character; a blank where the network reads one.
    confidence : float
        Probability that the network gives it.
    centre : float
        Where it stands, as a share of the line's width; nan for a blank.
    """

    text: str
    confidence: float
    centre: float


def split(glyphs: Sequence[Glyph], line: Image) -> list[list[Glyph]]:
    """Words of a line: runs of characters without a blank or a wide gap between them."""
    gaps = wide_gaps(line)
    words: list[list[Glyph]] = [[]]
    for glyph in glyphs:
        if glyph.text.isspace() or (words[-1] and _parted(words[-1][-1], glyph, gaps)):
            words.append([])
        if not glyph.text.isspace():
            words[-1].append(glyph)
    return [word for word in words if word]


def wide_gaps(line: Image) -> NDArray[np.float64]:
    """Centres of the gaps that part words, as shares of the line's width, 0..1."""
    height, width = line.shape[:2]
    starts, ends = _empty_runs(line)
    inner = (starts > 0) & (ends < width)
    lengths = (ends - starts)[inner]
    if not len(lengths):
        return np.zeros(0)
    wide = lengths >= max(GAP_MIN * height, GAP_TIMES * float(np.median(lengths)))
    return np.asarray(((starts + ends)[inner][wide] / 2) / width)


def _empty_runs(line: Image) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    grey = cv2.cvtColor(line, cv2.COLOR_RGB2GRAY)
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    if ink.mean() > 0.5:  # light print on dark paper
        ink = 1 - ink
    full = ink.sum(axis=0) > max(1.0, INK_MIN * len(ink))
    edges = np.diff(np.concatenate([[1], full.astype(np.int64), [1]]))
    return np.flatnonzero(edges == -1), np.flatnonzero(edges == 1)


def _parted(before: Glyph, after: Glyph, gaps: NDArray[np.float64]) -> bool:
    if before.text >= IDEOGRAPHS_FROM or after.text >= IDEOGRAPHS_FROM:
        return False
    return bool(np.any((gaps > before.centre) & (gaps < after.centre)))
