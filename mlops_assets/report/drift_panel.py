"""One column of a batch beside the reference, drawn on matplotlib axes."""

from typing import Any

import numpy as np

from mlops_assets.drift.columns import label_counts
from mlops_assets.drift.result import ColumnDrift
from mlops_assets.drift.sketch import CategorySketch, NumericSketch, Sketch
from mlops_assets.report.drift_words import verdict_of, worst_effect

BINS = 24
SHOWN = (0.005, 0.995)  # quantiles of both sides that span the picture; what lies beyond is drawn at its edges
BARS_MAX = 7
NAME_MAX = 28
LABEL_MAX = 9
ROW_MAX = 36  # letters that fit below one panel
REFERENCE, CURRENT, ALARM = "#b4bcc6", "#0072b2", "#b84a00"  # apart in lightness too, for colour-blind readers


def draw_panel(axes: Any, column: ColumnDrift, sketch: Sketch, values: Any) -> None:
    """Draw shares of rows: the reference grey, the batch blue; a drifted column says so in its title and frame."""
    from matplotlib.ticker import MaxNLocator

    if isinstance(sketch, NumericSketch):
        _draw_numbers(axes, sketch, values)
    else:
        _draw_labels(axes, sketch, values)
    title = axes.set_title(f"{_short(column.name, NAME_MAX)}: {verdict_of(column)}", fontsize=10, loc="left")
    axes.set_xlabel(plain(column.reasons[0]) if column.undetermined else worst_effect(column), fontsize=8)
    axes.tick_params(labelsize=8)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    axes.spines[["top", "right"]].set_visible(False)
    if column.beyond:
        title.set(color=ALARM, fontweight="bold")
        for side in ("left", "bottom"):
            axes.spines[side].set(color=ALARM, linewidth=2)


def _draw_numbers(axes: Any, sketch: NumericSketch, values: Any) -> None:
    sides = sketch.sample, sketch.numbers(values)
    spans = [np.quantile(side, SHOWN) for side in sides if len(side)]
    if not spans:
        return
    low, high = min(span[0] for span in spans), max(span[1] for span in spans)
    edges = np.linspace(low, high, BINS + 1) if high > low else np.array([low - 0.5, low + 0.5])
    shares = [np.histogram(np.clip(side, edges[0], edges[-1]), edges)[0] / max(1, len(side)) for side in sides]
    axes.stairs(shares[0], edges, fill=True, color=REFERENCE, label="champion's training data")
    axes.stairs(shares[1], edges, color=CURRENT, linewidth=1.8, label="this batch")


def _draw_labels(axes: Any, sketch: CategorySketch, values: Any) -> None:
    counts = label_counts(values)
    both = {name: sketch.counts.get(name, 0) / max(1, sketch.n) for name in {**sketch.counts, **counts}}
    current = {name: counts.get(name, 0) / max(1, sum(counts.values())) for name in both}
    names = sorted(both, key=lambda name: (-max(both[name], current[name]), name))[:BARS_MAX]
    names.sort(key=lambda name: (-both[name], name))
    sides = [[side[name] for name in names] for side in (both, current)]
    labels = [_short(name, LABEL_MAX) for name in names]
    if len(both) > len(names) or sketch.rest:
        totals = float(sketch.n > 0), float(bool(counts))
        sides = [[*side, max(0.0, total - sum(side))] for side, total in zip(sides, totals, strict=True)]
        labels.append("others")
    at = np.arange(len(labels))
    axes.bar(at - 0.2, sides[0], 0.4, color=REFERENCE, label="champion's training data")
    axes.bar(at + 0.2, sides[1], 0.4, color=CURRENT, label="this batch")
    axes.set_xticks(at, labels)
    if sum(map(len, labels)) > ROW_MAX:
        axes.tick_params(axis="x", rotation=25, pad=1)


def plain(text: str) -> str:
    """The text as matplotlib draws it literally; it reads what stands between dollar signs as a formula."""
    return text.replace("$", r"\$")


def _short(text: str, length: int) -> str:
    return plain(text if len(text) <= length else text[: length - 1] + "…")
