"""The characters that a recognition network reads along a line."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mlops_assets.ocr.spacing import Glyph

EMPTY = 0  # the network's first character
BLANK, POINT = " ", "."
BLANK_MIN = 0.3  # between two digits, where the network
POINT_MIN = 0.003  # thinks of a point as well: one that is printed too faintly for it

Chances = NDArray[np.float32]  # of each character at each step from left to right, shape (n_steps, n_characters)


def likeliest(chances: Chances, characters: Sequence[str], used: float) -> list[Glyph]:
    """Glyphs of the likeliest path: what is likeliest at each step, repetitions and blanks left out.

    Parameters
    ----------
    characters
        Of the columns of `chances`.
    used : float
        Share of the steps that lie on the line; the others lie on its padding.

    Notes
    -----
    Best path decoding of connectionist temporal classification, Graves et al. (2006), but for a faint point.
    """
    best, blank = chances.argmax(axis=1), characters.index(BLANK)
    spoken = np.concatenate([[True], best[1:] != best[:-1]]) & (best != EMPTY) & (best != blank)
    path = [(int(step), int(best[step])) for step in np.flatnonzero(spoken)]
    faint = set(_faint_points(path, chances, characters))
    path = sorted({*path, *faint})
    parted = [0.0]
    for before, after in pairwise(path):
        between = chances[before[0] + 1 : after[0], blank]
        parted.append(0.0 if {before, after} & faint else float(between.max(initial=0)))
    return [
        Glyph(characters[what], float(chances[step, what]), min((step + 0.5) / (len(chances) * used), 1.0), chance)
        for (step, what), chance in zip(path, parted, strict=False)
    ]


def _faint_points(
    path: Sequence[tuple[int, int]], chances: Chances, characters: Sequence[str]
) -> Iterator[tuple[int, int]]:
    """Step and column of each point that the network took for a blank between two digits."""
    blank, point = characters.index(BLANK), characters.index(POINT)
    for (start, before), (end, after) in pairwise(path):
        between = chances[start + 1 : end]
        digits = characters[before].isdigit() and characters[after].isdigit()
        if digits and between[:, blank].max(initial=0) >= BLANK_MIN and between[:, point].max() >= POINT_MIN:
            yield start + 1 + int(between[:, point].argmax()), point
