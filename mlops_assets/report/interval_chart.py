"""The interval of a difference over labels as SVG: no script, sharp at every width, text that keeps its size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

TOP, HEIGHT, FOOT, GUTTER = 8, 200, 26, 56  # px
ROOM = 30  # px that words beside zero need
SIDE = 1000  # the drawing's own units, stretched to the width there is
LATE = 0.4  # the first labels do not set the scale: their interval is as wide as the losses allow
AIR = 0.1
TICKS = 5
CHART_STYLE = """
.chart { display: flex; margin: .75rem 0 .25rem; padding-right: 6px }
.chart svg { display: block; height: 234px; overflow: visible }
.chart .ticks { flex: none; width: 56px } .chart .plot { flex: 1; min-width: 0; width: 100% }
.chart text { font: 12px system-ui, sans-serif; fill: var(--soft); font-variant-numeric: tabular-nums }
.chart .side { font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 3px }
.chart .above { fill: var(--b) } .chart .below { fill: var(--a) }
.chart .band { fill: var(--band) } .chart .margin { fill: var(--soft); opacity: .16 }
.chart .estimate { fill: none; stroke: var(--ink); stroke-width: 2px }
.chart .grid { stroke: var(--line) } .chart .zero { stroke: var(--soft); stroke-width: 1.5px }
.chart .now { stroke: var(--ink); stroke-width: 2px; fill: var(--card) }
"""


@dataclass(frozen=True)
class Look:
    """What was known after so many labels, in the units to be shown; positive = the challenger is better."""

    labels: int
    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Scale:
    """From values to pixels below the top, and from labels to the drawing's own units."""

    low: float
    high: float
    labels: int

    def y(self, value: float) -> float:
        """Pixels from the top of the plot; values outside stand on its edge."""
        share = (self.high - value) / (self.high - self.low)
        return round(HEIGHT * min(1.0, max(0.0, share)), 1)

    def x(self, labels: int) -> float:
        """0 to SIDE."""
        return round(SIDE * labels / self.labels, 1)


def interval_chart(looks: Sequence[Look], margin: float, above: str, below: str) -> str:
    """The drawing, for pages that include CHART_STYLE and set its colours.

    Parameters
    ----------
    looks : in the order of their labels, at least one
    margin : the difference that counts, in the same units; 0 = none
    above, below : what the two sides of zero mean
    """
    scale = scale_of(looks, margin)
    ticks = [tick for tick in nice_ticks(scale.low, scale.high) if scale.low <= tick <= scale.high]
    last = looks[-1]
    about = f"after {last.labels:,} labels the difference is between {signed(last.low)} and {signed(last.high)}"
    return (
        f'<div class="chart"><svg class="ticks" aria-hidden="true">{_tick_labels(ticks, scale)}</svg>'
        f'<svg class="plot" role="img" aria-label="{about}">{_band(looks, scale)}{_grid(ticks, scale, margin)}'
        f"{_estimates(looks, scale)}{_now(last, scale)}{_sides(scale, above, below)}{_labels_axis(scale)}</svg></div>"
    )


def scale_of(looks: Sequence[Look], margin: float) -> Scale:
    """A scale that shows zero, the margin, and the interval after the first labels."""
    labels = max(looks[-1].labels, 1)
    late = [look for look in looks if look.labels >= LATE * labels] or looks[-1:]
    low = min(0.0, -margin, *(min(look.low, look.estimate) for look in late))
    high = max(0.0, margin, *(max(look.high, look.estimate) for look in late))
    air = AIR * ((high - low) or 1.0)
    return Scale(low - air, high + air, labels)


def nice_ticks(low: float, high: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten, about TICKS of them, zero among them.

    Examples
    --------
    >>> nice_ticks(-0.11, 0.32)
    [-0.1, 0.0, 0.1, 0.2, 0.3]
    """
    rough = (high - low) / TICKS
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * times for times in (1, 2, 5, 10) if unit * times >= rough * 0.9)
    return [round(step * place, 12) for place in range(math.ceil(low / step), math.floor(high / step) + 1)]


def signed(value: float) -> str:
    """A difference with its sign, three figures, a real minus; zero without one."""
    text = f"{abs(value):.3g}"
    return text if float(text) == 0 else f"{'+' if value > 0 else '−'}{text}"


def _tick_labels(ticks: Sequence[float], scale: Scale) -> str:
    return "".join(
        f'<text x="{GUTTER - 8}" y="{TOP + scale.y(tick) + 4:.1f}" text-anchor="end">{signed(tick)}</text>'
        for tick in ticks
    )


def _grid(ticks: Sequence[float], scale: Scale, margin: float) -> str:
    lines = [_line(tick, scale, "zero" if tick == 0 else "grid") for tick in ticks]
    if margin > 0:
        top, bottom = scale.y(margin), scale.y(-margin)
        lines.insert(0, f'<rect class="margin" y="{TOP + top}" width="100%" height="{bottom - top:.1f}"/>')
    return "".join(lines)


def _line(value: float, scale: Scale, kind: str) -> str:
    y = TOP + scale.y(value)
    return f'<line class="{kind}" x1="0" x2="100%" y1="{y}" y2="{y}"/>'


def _band(looks: Sequence[Look], scale: Scale) -> str:
    """In steps, since an interval stays as it is until the next look."""
    upper = _steps([(scale.x(look.labels), scale.y(look.high)) for look in looks])
    lower = _steps([(scale.x(look.labels), scale.y(look.low)) for look in looks])
    return _stretched(f'<path class="band" d="M{" L".join(upper + lower[::-1])} Z"/>')


def _estimates(looks: Sequence[Look], scale: Scale) -> str:
    points = " L".join(f"{scale.x(look.labels)},{scale.y(look.estimate)}" for look in looks)
    return _stretched(f'<path class="estimate" vector-effect="non-scaling-stroke" d="M{points}"/>')


def _stretched(drawn: str) -> str:
    """Paths in the drawing's own units, stretched to the width of the plot."""
    box = f'y="{TOP}" width="100%" height="{HEIGHT}" viewBox="0 0 {SIDE} {HEIGHT}" preserveAspectRatio="none"'
    return f"<svg {box}>{drawn}</svg>"


def _steps(points: Sequence[tuple[float, float]]) -> list[str]:
    corners = [f"{points[0][0]},{points[0][1]}"]
    for (_, before), (x, y) in pairwise(points):
        corners += [f"{x},{before}", f"{x},{y}"]
    return corners


def _now(last: Look, scale: Scale) -> str:
    """The interval as it is now, at the right edge."""
    low, high, estimate = (TOP + scale.y(value) for value in (last.low, last.high, last.estimate))
    return (
        f'<line class="now" x1="100%" x2="100%" y1="{high}" y2="{low}"/><circle class="now" cx="100%" '
        f'cy="{estimate}" r="5"/>'
    )


def _sides(scale: Scale, above: str, below: str) -> str:
    """What the sides of zero mean, at the right, where the band is narrow."""
    zero, words, place = TOP + scale.y(0), [], 'x="100%" dx="-14" text-anchor="end"'
    if zero - TOP > ROOM:
        words.append(f'<text class="side above" {place} y="{TOP + 12}">↑ {escape(above)}</text>')
    if TOP + HEIGHT - zero > ROOM:
        words.append(f'<text class="side below" {place} y="{TOP + HEIGHT - 4}">↓ {escape(below)}</text>')
    return "".join(words)


def _labels_axis(scale: Scale) -> str:
    y = TOP + HEIGHT + FOOT - 6
    marks = (
        ("0", "0", "start"),
        ("50%", f"{scale.labels // 2:,}", "middle"),
        ("100%", f"{scale.labels:,} labels", "end"),
    )
    return "".join(f'<text x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>' for x, text, anchor in marks)
