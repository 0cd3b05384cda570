"""A series as a small drawing without script: a line, or stacked shares, over time."""

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 1000, 56  # the drawing's own units, stretched to the width there is; px
AIR = 0.08
SHOWN = 4  # classes that have a layer of their own
POINTS = 500  # that are drawn; more would only make the page larger
SPARK_STYLE = """
.spark { display: block; width: 100%; height: 56px; overflow: visible; border-bottom: 1px solid var(--line); }
.spark .line { fill: none; stroke: var(--a); stroke-width: 1.5px; vector-effect: non-scaling-stroke; }
.spark .since { stroke: var(--alarm); stroke-width: 2px; vector-effect: non-scaling-stroke; }
.spark .layer { fill: var(--a); }
.spark .l0 { opacity: .8; } .spark .l1 { opacity: .55; } .spark .l2 { opacity: .35; } .spark .l3 { opacity: .2; }
"""


def sparkline(ends: Sequence[float], values: NDArray[np.float64], since: float | None, about: str) -> str:
    """The drawing, for pages that include SPARK_STYLE.

    Parameters
    ----------
    ends : when each window ended, in any unit, in order
    values : ndarray of shape (n_windows,), or (n_windows, n_classes) with the shares of the classes
    since : where an alarm began, in the unit of `ends`; None without one
    about : what a reader that cannot see is told
    """
    step = -(-len(ends) // POINTS)
    x = _across(np.asarray(ends, dtype=float))
    body = _line(x[::step], values[::step]) if values.ndim == 1 else _layers(x[::step], values[::step])
    if since is not None:
        place = f"{x[int(np.searchsorted(ends, since))]:.1f}"
        body += f'<line class="since" x1="{place}" x2="{place}" y1="0" y2="{HEIGHT}"/>'
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none"'
    return f'<svg class="spark" {box} role="img" aria-label="{escape(about)}">{body}</svg>'


def _across(ends: NDArray[np.float64]) -> NDArray[np.float64]:
    span = ends[-1] - ends[0]
    return WIDTH * (ends - ends[0]) / span if span > 0 else np.full(len(ends), float(WIDTH))


def _line(x: NDArray[np.float64], values: NDArray[np.float64]) -> str:
    low, high = float(values.min()), float(values.max())
    room = AIR * (high - low) or 1.0
    y = HEIGHT * (high + room - values) / (high - low + 2 * room)
    return f'<polyline class="line" points="{_points(x, y)}"/>'


def _layers(x: NDArray[np.float64], shares: NDArray[np.float64]) -> str:
    """The most frequent classes on top of each other, the first at the bottom."""
    order = frequent(shares)[:SHOWN]
    tops = HEIGHT * (1 - np.cumsum(shares[:, order], axis=1))
    drawn, below = [], np.full(len(x), float(HEIGHT))
    for number in range(len(order)):
        outline = f"{_points(x, tops[:, number])} {_points(x[::-1], below[::-1])}"
        drawn.append(f'<polygon class="layer l{number}" points="{outline}"/>')
        below = tops[:, number]
    return "".join(drawn)


def frequent(shares: NDArray[np.float64]) -> list[int]:
    """Positions of the classes, the most frequent first."""
    return [int(place) for place in np.argsort(-shares.mean(axis=0), kind="stable")]


def _points(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    return " ".join(f"{left:.1f},{top:.1f}" for left, top in zip(x, y, strict=True))
