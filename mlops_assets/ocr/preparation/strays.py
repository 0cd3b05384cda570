"""Letters that stand alone in a row, such as a quantity or a colon, too small for the network to find."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mlops_assets.ocr.image import Image, Quads

HEIGHT = (0.45, 1.7)  # of a letter's, for what may be one
WIDTH = (0.1, 2.5)
JOINED = (0.6, 0.3)  # parts of one letter, as of a colon, are no further apart than this, down and across
BORDER = 0.3
INK_BELOW_PAPER = 15  # grey levels
STRAYS_MAX = 60  # more than that is dirt


def find_strays(sheet: Image, quads: Quads, letter_px: float) -> Quads:
    """Corners of letters that stand beside found lines and in none, shape (n, 4, 2).

    Parameters
    ----------
    letter_px : float
        Height of letters on the sheet.
    """
    if not len(quads):
        return quads
    lowest, highest = quads.min(axis=1), quads.max(axis=1)
    found = []
    for x, y, width, height in _pieces(_loose_ink(sheet, quads, letter_px), letter_px):
        middle = y + height / 2
        beside = (lowest[:, 1] < middle) & (highest[:, 1] > middle)
        if np.any(beside):
            border = BORDER * letter_px
            top = min(y - border, float(np.median(lowest[beside, 1])))
            bottom = max(y + height + border, float(np.median(highest[beside, 1])))
            left, right = x - border, x + width + border
            found.append([[left, top], [right, top], [right, bottom], [left, bottom]])
    return np.array(found if len(found) <= STRAYS_MAX else [], np.float32).reshape(-1, 4, 2)


def _loose_ink(sheet: Image, quads: Quads, letter_px: float) -> NDArray[np.uint8]:
    """Ink outside the lines, 255, with the parts of a letter joined."""
    grey = cv2.cvtColor(sheet, cv2.COLOR_RGB2GRAY)
    around = 2 * round(letter_px) + 1
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, around, INK_BELOW_PAPER)
    for quad in quads:
        cv2.fillPoly(ink, [quad.astype(np.int32)], (0,))
    down, across = (max(round(share * letter_px), 1) for share in JOINED)
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((down, across), np.uint8)), np.uint8)


def _pieces(ink: NDArray[np.uint8], letter_px: float) -> NDArray[np.int32]:
    """Left, top, width and height of what has the size of a letter."""
    _, _, found, _ = cv2.connectedComponentsWithStats(ink)
    pieces = found[1:, :4]
    width, height = pieces[:, 2] / letter_px, pieces[:, 3] / letter_px
    fits = (HEIGHT[0] <= height) & (height <= HEIGHT[1]) & (WIDTH[0] <= width) & (width <= WIDTH[1])
    return np.asarray(pieces[fits], np.int32)
