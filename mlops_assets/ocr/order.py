"""Reading order: columns of running text one after the other, everything else row by row."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]  # left, top, right, bottom; shape (n, 4)

COLUMN_LINES_MIN = 4  # lines on each side of a gutter
CROSSING_MAX = 0.2  # share of the lines that may run across it: headings
FILLED_MIN = 0.6  # of a column's width by its median line; figures in a table fill less
ASPECT_MIN = 6.0  # median width over height of a column's lines; running text has many letters a line
GUTTERS = np.linspace(0.2, 0.8, 61)  # where a gutter is looked for, shares of the width


def reading_order(boxes: Boxes) -> list[list[list[int]]]:
    """Blocks of lines of positions: which box is read when.

    Parameters
    ----------
    boxes
        Of pieces of lines, shape (n, 4).

    Notes
    -----
    A recursive cut at gutters as in the X-Y cut of Nagy and Seth (1984), Hierarchical representation of optically
    scanned documents; it cuts at a gutter only where both sides are running text, so that a price stays in the row of
    its article, and lets headings cross.
    """
    return [_rows(boxes, block) for block in _blocks(boxes, np.arange(len(boxes))) if len(block)]


def _blocks(boxes: Boxes, which: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    gutter = find_gutter(boxes[which])
    if gutter is None:
        yield which
        return
    left, right = boxes[which, 2] <= gutter, boxes[which, 0] >= gutter
    middle = (boxes[which, 1] + boxes[which, 3]) / 2
    above = -np.inf
    for border in [*np.sort(middle[~left & ~right]), np.inf]:
        between = (middle > above) & (middle < border)
        for side in (left, right):
            if np.any(side & between):
                yield from _blocks(boxes, which[side & between])
        yield which[(middle == border) & ~left & ~right]
        above = border


def find_gutter(boxes: Boxes) -> float | None:
    """Where two columns of running text part, or None."""
    if len(boxes) < 2 * COLUMN_LINES_MIN:
        return None
    left, right = boxes[:, 0].min(), boxes[:, 2].max()
    places = left + GUTTERS * (right - left)
    crossing = np.array([np.sum((boxes[:, 0] < x) & (boxes[:, 2] > x)) for x in places])
    fewest = np.flatnonzero(crossing == crossing.min())
    place = float(places[fewest[len(fewest) // 2]])
    if crossing.min() > CROSSING_MAX * len(boxes):
        return None
    both = (boxes[boxes[:, 2] <= place], boxes[boxes[:, 0] >= place])
    return place if all(is_running_text(side) for side in both) else None


def is_running_text(boxes: Boxes) -> bool:
    """True for a column whose lines are many, long and fill it."""
    if len(boxes) < COLUMN_LINES_MIN:
        return False
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    filled = np.median(width) / (boxes[:, 2].max() - boxes[:, 0].min())
    return bool(filled >= FILLED_MIN and np.median(width / height) >= ASPECT_MIN)


def _rows(boxes: Boxes, which: NDArray[np.int64]) -> list[list[int]]:
    """Rows from top to bottom, each from left to right: a box joins the row whose middle it covers."""
    rows: list[list[int]] = []
    for number in which[np.argsort((boxes[which, 1] + boxes[which, 3]) / 2, kind="stable")]:
        if not rows or not _beside(boxes[rows[-1]], boxes[number]):
            rows.append([])
        rows[-1].append(int(number))
    return [sorted(row, key=lambda number: float(boxes[number, 0])) for row in rows]


def _beside(row: Boxes, box: Boxes) -> bool:
    middle = float(np.mean(row[:, 1] + row[:, 3])) / 2
    height = min(float(np.mean(row[:, 3] - row[:, 1])), float(box[3] - box[1]))
    return bool(abs((box[1] + box[3]) / 2 - middle) < height / 2)
