"""A recognised line cut into words, by what the network reads between characters and what the eye sees there."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from mlops_assets.ocr.image import Image

# Log-odds that two characters are of two words: those of the network's blank, GAP_ODDS for each height of the line by
# which their gap is wider than is usual in it, and ODDS. Fitted to receipts of the shops that `bench.ocr` leaves out.
GAP_ODDS = 6.0
ODDS = 1.0
SURE = 0.999  # the network says no and yes with more certainty than it is right
WITHIN_MAX = 0.1  # chance of a blank below which a gap counts as one within a word
AIMED = 0.1  # of the line's height, by which the network misses where a character stands
IDEOGRAPHS_FROM = "\u2e80"  # from here on scripts are written without blanks, and a gap says nothing
DECIMAL_MARKS = ".,"  # often too faint to be seen
INK_MIN = 0.04  # share of a column that is ink; less is a speck


@dataclass(frozen=True)
class Glyph:
    """One recognised character of a line, never a blank.

    Attributes
    ----------
    text : str
        One character.
    confidence : float
        Probability that the network gives it.
    centre : float
        Where it stands, as a share of the line's width.
    blank : float
        Largest probability that the network gives a blank between the character before and this one; 0 for the first.
    """

    text: str
    confidence: float
    centre: float
    blank: float


def split(glyphs: Sequence[Glyph], line: Image) -> list[list[Glyph]]:
    """Words of a line: runs of characters that hang together."""
    if not glyphs:
        return []
    words = [[glyphs[0]]]
    for glyph, odds in zip(glyphs[1:], parting_odds(glyphs, line), strict=True):
        if odds > 0:
            words.append([])
        words[-1].append(glyph)
    return words


def parting_odds(glyphs: Sequence[Glyph], line: Image) -> NDArray[np.float64]:
    """Log-odds for each two neighbours that they are of two words, shape (n_glyphs - 1,)."""
    blank = np.array([glyph.blank for glyph in glyphs[1:]])
    chance = np.clip(blank, 1 - SURE, SURE)
    gaps, within = gap_widths(glyphs, line), blank < WITHIN_MAX
    wider = gaps - (np.median(gaps[within]) if within.any() else 0.0)
    return np.asarray(np.log(chance / (1 - chance)) + np.where(_seen(glyphs), GAP_ODDS * wider + ODDS, 0.0))


def _seen(glyphs: Sequence[Glyph]) -> NDArray[np.bool_]:
    """Whether the gap of each two neighbours tells: not in scripts without blanks, nor at the point of a number."""
    texts = [glyph.text for glyph in glyphs]
    spaced = np.array([max(two) < IDEOGRAPHS_FROM for two in pairwise(texts)], bool)
    for at, (before, mark, after) in enumerate(zip(texts, texts[1:], texts[2:], strict=False)):
        if mark in DECIMAL_MARKS and before.isdigit() and after.isdigit():
            spaced[at : at + 2] = False
    return spaced


def gap_widths(glyphs: Sequence[Glyph], line: Image) -> NDArray[np.float64]:
    """Widest stretch without ink between each two neighbours, as a share of the line's height; 0 where they touch."""
    height, width = line.shape[:2]
    starts, ends = _empty_runs(line)
    inner = (starts > 0) & (ends < width)
    middles, lengths = ((starts + ends) / 2)[inner], (ends - starts)[inner]
    centres = np.array([glyph.centre for glyph in glyphs]) * width
    found = [
        lengths[(middles >= left - AIMED * height) & (middles <= right + AIMED * height)].max(initial=0)
        for left, right in pairwise(centres)
    ]
    return np.array(found, float) / height


def _empty_runs(line: Image) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    grey = cv2.cvtColor(line, cv2.COLOR_RGB2GRAY)
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    if ink.mean() > 0.5:  # light print on dark paper
        ink = 1 - ink
    full = ink.sum(axis=0) > max(1.0, INK_MIN * len(ink))
    edges = np.diff(np.concatenate([[1], full.astype(np.int64), [1]]))
    return np.flatnonzero(edges == -1), np.flatnonzero(edges == 1)
