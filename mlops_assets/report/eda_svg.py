"""Small drawings of an exploration as SVG for pages: no script, colours from the page, a title on each mark."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from mlops_assets.eda.column import Levels, Numbers
from mlops_assets.eda.matrix import Pair
from mlops_assets.eda.over_time import OverTime
from mlops_assets.report.interval_chart import nice_ticks

SMALL_WIDTH, SMALL_HEIGHT = 150, 34
WIDTH, HEIGHT, LEFT, FOOT, TOP = 760, 220, 52, 24, 10
CELL, NAME_WIDTH, NAME_MAX = 34, 210, 24  # pixels, pixels, and letters that fit into them, capitals too
LINES = ("#2a6f97", "#b8661b", "#3a7d44", "#8e44ad", "#7a7a7a")
EDA_STYLE = """
svg.small { display: block; width: 150px; height: 34px } svg.small rect { fill: var(--accent) }
svg.big { display: block; width: 100%; min-width: 40rem; height: auto } svg.map { display: block; height: auto }
svg text { font: 12px system-ui, sans-serif; fill: currentColor } svg .grid { stroke: var(--line) }
svg .value { font-size: 10.5px; font-variant-numeric: tabular-nums }
svg .line { fill: none; stroke-width: 2 } svg .band { stroke: none; opacity: .18 }
.key i { display: inline-block; width: .8rem; height: .8rem; border-radius: .2rem; margin: 0 .3rem 0 .9rem }
td.figures { min-width: 15rem } td.name { white-space: nowrap } td.name small { display: block; opacity: .65 }
"""


def histogram(numbers: Numbers) -> str:
    """Bars of the values between the 0.5 and the 99.5 % quantile; what lies beyond stands in the outer bars."""
    names = [f"{low:.4g} to {high:.4g}" for low, high in pairwise(numbers.edges)]
    return _bars(list(zip(names, numbers.counts, strict=True)))


def level_bars(levels: Levels) -> str:
    """Bars of the most frequent labels, then of all others together."""
    return _bars([*levels.top, *([("all others", levels.others)] if levels.others else [])])


def line_chart(over_time: OverTime) -> str:
    """Lines over time; a mean has a band of two standard errors around it."""
    series = [[point.values[name] for point in over_time.points] for name in over_time.names]
    errors = [2 * (point.error or 0.0) for point in over_time.points]
    low = min(value - error for values in series for value, error in zip(values, errors, strict=True))
    high = max(value + error for values in series for value, error in zip(values, errors, strict=True))
    air = 0.05 * ((high - low) or abs(high) or 1.0)
    scale = _Scale(over_time, low - air, high + air)
    shown = zip(over_time.names, series, LINES, strict=False)
    drawn = "".join(_line(name, values, errors, scale, colour) for name, values, colour in shown)
    about = f"{', '.join(over_time.names)} over time"
    return (
        f'<svg class="big" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(about)}">'
        f"{_grid(scale)}{drawn}{_dates(scale)}</svg>"
    )


def key(names: Sequence[str]) -> str:
    """Which line is which."""
    marks = [f'<i style="background:{colour}"></i>{escape(name)}' for name, colour in zip(names, LINES, strict=False)]
    return f'<p class="key">{"".join(marks)}</p>'


def heat_map(pairs: Sequence[Pair]) -> str:
    """Each pair as a cell: blue for a positive value, orange for a negative one, the stronger the darker."""
    names = list(dict.fromkeys(name for pair in pairs for name in (pair.a, pair.b)))
    values = {frozenset((pair.a, pair.b)): pair for pair in pairs}
    head = NAME_WIDTH * 0.72
    size = NAME_WIDTH + CELL * len(names), head + CELL * len(names)
    parts = []
    for row, name in enumerate(names):
        y = head + CELL * row
        parts.append(f'<text x="{NAME_WIDTH - 6}" y="{y + 21:.0f}" text-anchor="end">{_short(name)}</text>')
        x = NAME_WIDTH + CELL * row + 20
        parts.append(f'<text transform="translate({x},{head - 6:.0f}) rotate(-45)">{_short(name)}</text>')
        parts += [
            _cell(values[frozenset((name, other))], NAME_WIDTH + CELL * column, y)
            for column, other in enumerate(names)
            if other != name
        ]
    # The last name, at 45 degrees, ends to the right of its cell.
    width = size[0] + NAME_WIDTH * 0.7
    return (
        f'<svg class="map" viewBox="0 0 {width:.0f} {size[1]:.0f}" width="{width:.0f}" role="img" '
        f'aria-label="associations of {len(names)} columns">{"".join(parts)}</svg>'
    )


class _Scale:
    """From values and moments to the drawing's units."""

    def __init__(self, over_time: OverTime, low: float, high: float) -> None:
        self.points, self.span, self.low, self.high = over_time.points, over_time.span, low, high
        self.first = over_time.points[0].start
        self.whole = over_time.points[-1].start - self.first + over_time.span

    def x(self, place: int) -> float:
        """Middle of a point's span."""
        share = (self.points[place].start - self.first + self.span / 2) / self.whole
        return round(LEFT + (WIDTH - LEFT - 8) * share, 1)

    def y(self, value: float) -> float:
        """Down from the top."""
        return round(TOP + (HEIGHT - TOP - FOOT) * (self.high - value) / (self.high - self.low), 1)


def _line(name: str, values: Sequence[float], errors: Sequence[float], scale: _Scale, colour: str) -> str:
    at = [(scale.x(place), scale.y(value)) for place, value in enumerate(values)]
    parts = _unbroken(scale)
    path = " M".join(" L".join(f"{x},{y}" for x, y in at[part]) for part in parts)
    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="2.5" fill="{colour}"><title>{escape(name)}: {value:.4g} in '
        f"{point.rows:,} rows from {point.start:%Y-%m-%d %H:%M}</title></circle>"
        for (x, y), value, point in zip(at, values, scale.points, strict=True)
    )
    bands = "".join(_band(part, values, errors, scale, colour) for part in parts)
    return f'{bands}<path class="line" stroke="{colour}" d="M{path}"/>{dots}'


def _unbroken(scale: _Scale) -> list[slice]:
    """Runs of points with no gap longer than two spans between them."""
    starts = [point.start for point in scale.points]
    breaks = [place for place in range(1, len(starts)) if starts[place] - starts[place - 1] > 2 * scale.span]
    return [slice(first, last) for first, last in pairwise([0, *breaks, len(starts)])]


def _band(part: slice, values: Sequence[float], errors: Sequence[float], scale: _Scale, colour: str) -> str:
    if not any(errors[part]):
        return ""
    both = list(enumerate(zip(values, errors, strict=True)))[part]
    upper = [f"{scale.x(place)},{scale.y(value + error)}" for place, (value, error) in both]
    lower = [f"{scale.x(place)},{scale.y(value - error)}" for place, (value, error) in both]
    return f'<path class="band" fill="{colour}" d="M{" L".join(upper + lower[::-1])} Z"/>'


def _grid(scale: _Scale) -> str:
    ticks = [tick for tick in nice_ticks(scale.low, scale.high) if scale.low <= tick <= scale.high]
    return "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - 8}" y1="{scale.y(tick)}" y2="{scale.y(tick)}"/>'
        f'<text x="{LEFT - 6}" y="{scale.y(tick) + 4}" text-anchor="end">{tick:g}</text>'
        for tick in ticks
    )


def _dates(scale: _Scale) -> str:
    count = len(scale.points)
    places = sorted({0, count // 2, count - 1})
    anchors = ("start", "middle", "end") if len(places) == 3 else ("start", "end")
    hours = scale.whole.days < 3
    return "".join(
        f'<text x="{scale.x(place)}" y="{HEIGHT - 6}" text-anchor="{anchor}">'
        f"{scale.points[place].start:{'%Y-%m-%d %H:%M' if hours else '%Y-%m-%d'}}</text>"
        for place, anchor in zip(places, anchors, strict=False)
    )


def _bars(counts: Sequence[tuple[str, int]]) -> str:
    most, wide = max(count for _, count in counts) or 1, SMALL_WIDTH / len(counts)
    total = sum(count for _, count in counts) or 1
    bars = "".join(
        f'<rect x="{place * wide:.1f}" y="{SMALL_HEIGHT * (1 - count / most):.1f}" width="{max(1.0, wide - 1):.1f}" '
        f'height="{SMALL_HEIGHT * count / most:.1f}"><title>{escape(name)}: {count / total:.1%}</title></rect>'
        for place, (name, count) in enumerate(counts)
    )
    return f'<svg class="small" viewBox="0 0 {SMALL_WIDTH} {SMALL_HEIGHT}" aria-hidden="true">{bars}</svg>'


def _cell(pair: Pair, x: float, y: float) -> str:
    if pair.value != pair.value:
        return f'<text class="value" x="{x + CELL / 2}" y="{y + 21:.0f}" text-anchor="middle">–</text>'
    colour = LINES[0] if pair.value >= 0 else LINES[1]
    title = f"{pair.a} and {pair.b}: {pair.measure} {pair.value:.3f}"
    ink = ' style="fill:white"' if abs(pair.value) > 0.6 else ""
    shown = f"{pair.value + 0.0:.2f}".removeprefix("-0.00") or "0.00"
    shown = shown.replace("0.", ".").replace("-", "−")
    return (
        f'<rect x="{x}" y="{y:.1f}" width="{CELL - 1}" height="{CELL - 1}" fill="{colour}" '
        f'fill-opacity="{abs(pair.value):.2f}"><title>{escape(title)}</title></rect>'
        f'<text class="value" x="{x + CELL / 2 - 0.5}" y="{y + 21:.0f}" text-anchor="middle"{ink}>{shown}</text>'
    )


def _short(name: str) -> str:
    return escape(name if len(name) <= NAME_MAX else f"{name[: NAME_MAX - 1]}…")
