"""Lines of a page that may lie on its side, on its head or askew, told by the direction of the lines themselves.

Nothing but the lines is turned: each is cut straight from the page as it was scanned, and only its corners move.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_assets.ocr.image import Image, Quads
from mlops_assets.ocr.networks import cut, stands_on_head
from mlops_assets.ocr.preparation.noise import remove_specks
from mlops_assets.ocr.preparation.sheet import lay_out, resize

SIDE_MAX = 3000  # pixels; a larger page is made smaller first, which bounds time and memory
TALL = 1.5  # a line that stands taller than so many times its width runs downwards
AIR = 0.05  # of a line's height, left above it and below: narrower lines at the network's height, read no worse
LONG = 4.0  # a line that is wider than so many times its height tells the skew
LONG_MIN = 3  # of them tell it
ASKED_MAX = 12  # the widest lines are asked whether they stand on their head
SAID_MIN = 0.6  # share of them that must say so


@dataclass(frozen=True)
class Prepared:
    """A page as the engines get it.

    Attributes
    ----------
    lines : tuple[Image, ...]
        Each line of text, upright and straight, with AIR above and below.
    corners
        Of each line on the upright page, shape (n_lines, 4, 2).
    width, height : int
        Pixels of the upright page; its longer side is SIDE_MAX at most.
    turn : int
        Degrees that the page is turned counter-clockwise: 0, 90, 180 or 270.
    skew : float
        Degrees that it is turned counter-clockwise after that.
    """

    lines: tuple[Image, ...]
    corners: Quads
    width: int
    height: int
    turn: int
    skew: float


def prepare(image: Image) -> Prepared:
    """The lines of a page, and where they stand once it is upright.

    Parameters
    ----------
    image
        RGB of shape (height, width, 3).
    """
    page = remove_specks(resize(image, min(1.0, SIDE_MAX / max(image.shape[:2]))))
    sheet = lay_out(page)
    on_side = runs_downwards(sheet.quads)
    quads = np.roll(sheet.quads, -1, axis=1) if on_side else sheet.quads
    lines = [cut(sheet.image, quad) for quad in taller(quads)]
    on_head = upside_down(lines)
    if on_head:
        quads, lines = np.roll(quads, 2, axis=1), [np.rot90(line, 2) for line in lines]
    turn = 90 * on_side + 180 * on_head
    height, width = page.shape[:2]
    corners = turned(quads / sheet.scale + np.array([sheet.left, sheet.top], np.float32), turn, width, height)
    skew = find_skew(corners)
    width, height = (height, width) if on_side else (width, height)
    return Prepared(tuple(lines), straightened(corners, skew, width, height), width, height, turn, skew)


def runs_downwards(quads: Quads) -> bool:
    """True where most of the text, by the length of its lines, runs from top to bottom or back."""
    width, height = sides(quads)
    down, across = height > TALL * width, width > TALL * height
    return bool(height[down].sum() > width[across].sum())


def taller(quads: Quads) -> Quads:
    """The lines with AIR above and below."""
    down = AIR * (quads[:, [3, 2, 1, 0]] - quads)
    return quads - down


def upside_down(lines: Sequence[Image]) -> bool:
    """True where most of the widest lines stand on their head."""
    widest = sorted(lines, key=lambda line: -line.shape[1])[:ASKED_MAX]
    return bool(widest) and float(np.mean([stands_on_head(line) for line in widest])) >= SAID_MIN


def turned(corners: Quads, turn: int, width: int, height: int) -> Quads:
    """Points of a page of that size once it is turned counter-clockwise by quarters."""
    x, y = corners[..., 0], corners[..., 1]
    where = {0: (x, y), 90: (y, width - x), 180: (width - x, height - y), 270: (height - y, x)}
    return np.stack(where[turn], axis=-1)


def find_skew(corners: Quads) -> float:
    """Degrees to turn counter-clockwise so that lines lie straight: median slope of the longer ones; 0 for too few."""
    width, height = sides(corners)
    long = corners[width > LONG * height]
    if len(long) < LONG_MIN:
        return 0.0
    run = (long[:, 1] + long[:, 2] - long[:, 0] - long[:, 3]) / 2
    return float(np.median(np.degrees(np.arctan2(run[:, 1], run[:, 0]))))


def straightened(corners: Quads, skew: float, width: int, height: int) -> Quads:
    """Points of a page turned counter-clockwise about its middle."""
    cosine, sine = np.cos(np.radians(skew)), np.sin(np.radians(skew))
    middle = np.array([width / 2, height / 2], np.float32)
    turn = np.array([[cosine, -sine], [sine, cosine]], np.float32)
    return np.asarray((corners - middle) @ turn + middle, np.float32)


def sides(quads: Quads) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Width and height of each line."""
    across = np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1)
    return across, np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
