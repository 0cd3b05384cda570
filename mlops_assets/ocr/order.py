"""Reading order: columns of running text one after the other, everything else row by row."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]  # left, top, right, bottom; shape (n, 4)

COLUMN_LINES_MIN = 4  # lines on each side of a gutter
FILLED_MIN = 0.6  # of the rows of a column by its lines; figures in a table fill less
ASPECT_MIN = 6.0  # median width over height of a column's lines; running text has many letters a line
DETACHED = 1.6  # times the usual distance between lines: what follows such a gap is no longer the column
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
    scanned documents. It cuts only where both sides are running text, so that a price stays in the row of its article;
    and a gutter reaches from one line that crosses it to the next, so that headings and whole lines part columns.
    """
    by_height = np.argsort(middles(boxes), kind="stable")
    return [_rows(boxes, block) for block in _blocks(boxes, by_height) if len(block)]


def _blocks(boxes: Boxes, which: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Blocks in reading order; `which` goes from top to bottom."""
    found = find_columns(boxes[which])
    if found is None:
        yield which
        return
    left, right = found
    both = np.concatenate([left, right])
    yield from _blocks(boxes, which[: both.min()])
    above, below = _others(boxes[which], left, right)
    yield which[above]
    yield from _blocks(boxes, which[left])
    yield from _blocks(boxes, which[right])
    yield which[below]
    yield from _blocks(boxes, which[both.max() + 1 :])


def _others(boxes: Boxes, left: NDArray[np.int64], right: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """Positions between the columns' first and last that are in neither: those nearer to the top, and the rest."""
    both = np.concatenate([left, right])
    rest = np.setdiff1d(np.arange(both.min(), both.max() + 1), both)
    upper = middles(boxes)[rest] < np.median(middles(boxes)[both])
    return rest[upper], rest[~upper]


def find_columns(boxes: Boxes) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Positions of a left and a right column of running text, the longest there are, or None.

    Parameters
    ----------
    boxes
        From top to bottom, shape (n, 4).
    """
    if len(boxes) < 2 * COLUMN_LINES_MIN:
        return None
    start, end = boxes[:, 0].min(), boxes[:, 2].max()
    found = [_columns_at(boxes, float(start + share * (end - start))) for share in GUTTERS]
    columns = [pair for pair in found if all(is_running_text(boxes[side]) for side in pair)]
    if not columns:
        return None
    most = max(len(left) + len(right) for left, right in columns)
    alike = [pair for pair in columns if len(pair[0]) + len(pair[1]) == most]
    return alike[len(alike) // 2]


def _columns_at(boxes: Boxes, gutter: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions left and right of a gutter along its longest free stretch."""
    crossing = np.flatnonzero((boxes[:, 0] < gutter) & (boxes[:, 2] > gutter))
    borders = np.concatenate([[-1], crossing, [len(boxes)]])
    longest = int(np.argmax(np.diff(borders)))
    free = np.arange(borders[longest] + 1, borders[longest + 1])
    left, right = free[boxes[free, 2] <= gutter], free[boxes[free, 0] >= gutter]
    height = middles(boxes)
    return _attached(height, left, right), _attached(height, right, left)


def _attached(height: NDArray[np.float64], side: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """The side without what stands apart from it above or below the other side."""
    if len(side) < COLUMN_LINES_MIN or not len(other):
        return side[:0]
    steps = np.diff(height[side])
    apart = steps > DETACHED * np.median(steps)
    first, last = height[other].min(), height[other].max()
    above = np.flatnonzero(apart & (height[side[:-1]] < first) & (height[side[1:]] <= first + steps))
    below = np.flatnonzero(apart & (height[side[1:]] > last))
    start = above[-1] + 1 if len(above) else 0
    return side[start : below[0] + 1 if len(below) else None]


def middles(boxes: Boxes) -> NDArray[np.float64]:
    """Height of the middle of each box."""
    return np.asarray((boxes[:, 1] + boxes[:, 3]) / 2)


def is_running_text(boxes: Boxes) -> bool:
    """True for lines that are many, long and fill their rows; they may be columns themselves."""
    if len(boxes) < COLUMN_LINES_MIN:
        return False
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    if np.median(width / height) < ASPECT_MIN:
        return False
    rows = len(_rows(boxes, np.arange(len(boxes))))
    return bool(width.sum() >= FILLED_MIN * rows * (boxes[:, 2].max() - boxes[:, 0].min()))


def _rows(boxes: Boxes, which: NDArray[np.int64]) -> list[list[int]]:
    """Rows from top to bottom, each from left to right: a box joins the row whose middle it covers."""
    rows: list[list[int]] = []
    for number in which[np.argsort(middles(boxes[which]), kind="stable")]:
        if not rows or not _beside(boxes[rows[-1]], boxes[number]):
            rows.append([])
        rows[-1].append(int(number))
    return [sorted(row, key=lambda number: float(boxes[number, 0])) for row in rows]


def _beside(row: Boxes, box: Boxes) -> bool:
    middle = float(np.mean(row[:, 1] + row[:, 3])) / 2
    height = min(float(np.mean(row[:, 3] - row[:, 1])), float(box[3] - box[1]))
    return bool(abs((box[1] + box[3]) / 2 - middle) < height / 2)
