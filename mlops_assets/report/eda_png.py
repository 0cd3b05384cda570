"""An exploration as pictures for the pages of Dagster: distributions of columns; associations and target over time."""

import math
from typing import Any

import numpy as np

from mlops_assets.eda.column import ColumnFigures, Levels, Numbers
from mlops_assets.eda.explore import Exploration
from mlops_assets.eda.over_time import OverTime
from mlops_assets.report.drift_panel import plain
from mlops_assets.report.figure import in_own_style, to_png

PANELS_MAX = 12
ACROSS = 4
NAME_MAX, LABEL_MAX = 26, 10
BLUE, INK = "#2a6f97", "#444444"
COLOURS = (BLUE, "#b8661b", "#3a7d44", "#8e44ad", "#7a7a7a")


@in_own_style
def distributions_png(found: Exploration, title: str, target: str) -> bytes:
    """A panel for each of the first 12 columns that have figures, the target first, ids left out."""
    from matplotlib.figure import Figure

    shown = [one for one in found.columns if one.kind != "id" and (one.numbers or one.levels)]
    columns = sorted(shown, key=lambda one: one.name != target)[:PANELS_MAX]
    down = max(1, math.ceil(len(columns) / ACROSS))
    height = 2.1 * down + 0.6
    figure = Figure(figsize=(12, height), dpi=80)  # a layout that looks for room costs a second for 12 panels
    figure.subplots_adjust(left=0.02, right=0.98, top=1 - 0.75 / height, bottom=0.6 / height, hspace=0.75, wspace=0.08)
    figure.suptitle(plain(title), fontsize=12, fontweight="bold", x=0.01, ha="left")
    for place, column in enumerate(columns, start=1):
        _draw_column(figure.add_subplot(down, ACROSS, place), column)
    return to_png(figure, dpi=80)


@in_own_style
def associations_png(found: Exploration, title: str) -> bytes:
    """The target over time beside the associations of all pairs of columns."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 5.6), dpi=80)  # names have 26 characters at most: their room is known
    figure.subplots_adjust(left=0.05, right=0.99, top=0.87, bottom=0.28, wspace=0.42)
    figure.suptitle(plain(title), fontsize=12, fontweight="bold", x=0.01, ha="left")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
    if found.over_time is not None:
        _draw_over_time(left, found.over_time)
    else:
        left.set_axis_off()
    _draw_matrix(right, found)
    return to_png(figure, dpi=80)


def _draw_column(axes: Any, column: ColumnFigures) -> None:
    if column.numbers is not None:
        _draw_numbers(axes, column.numbers, column.measure)
    elif column.levels is not None:
        _draw_levels(axes, column.levels)
    missing = f", {column.missing_share:.1%} missing" if column.missing_share else ""
    axes.set_title(_short(column.name, NAME_MAX) + missing, fontsize=9, loc="left", color=INK)
    axes.tick_params(labelsize=7)
    axes.set_yticks([])
    axes.spines[["top", "right", "left"]].set_visible(False)


def _draw_numbers(axes: Any, numbers: Numbers, measure: str) -> None:
    axes.stairs(numbers.counts, numbers.edges, fill=True, color=BLUE)
    axes.axvline(numbers.quartiles[2], color=INK, linewidth=1, linestyle=":")
    axes.set_xlabel(measure, fontsize=7)


def _draw_levels(axes: Any, levels: Levels) -> None:
    shown = [*levels.top, *([("others", levels.others)] if levels.others else [])]
    axes.bar(range(len(shown)), [count for _, count in shown], color=BLUE)
    axes.set_xticks(range(len(shown)), [_short(name, LABEL_MAX) for name, _ in shown], rotation=30, ha="right")


def _draw_over_time(axes: Any, over: OverTime) -> None:
    starts = [point.start for point in over.points]
    for name, colour in zip(over.names, COLOURS, strict=False):
        values = np.array([point.values[name] for point in over.points])
        axes.plot(starts, values, color=colour, linewidth=1.8, marker="o", markersize=3, label=plain(name))
        errors = 2 * np.array([point.error or 0.0 for point in over.points])
        if errors.any():
            axes.fill_between(starts, values - errors, values + errors, color=colour, alpha=0.18, linewidth=0)
    axes.set_title("over time", fontsize=10, loc="left", color=INK)
    axes.tick_params(labelsize=8)
    axes.tick_params(axis="x", rotation=30)
    axes.legend(fontsize=8, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_matrix(axes: Any, found: Exploration) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    names = list(dict.fromkeys(name for pair in found.pairs for name in (pair.a, pair.b)))
    values = np.full((len(names), len(names)), np.nan)
    for pair in found.pairs:
        a, b = names.index(pair.a), names.index(pair.b)
        values[a, b] = values[b, a] = pair.value
    if names:
        colours = LinearSegmentedColormap.from_list("associations", (COLOURS[1], "white", COLOURS[0]))
        image = axes.imshow(values, cmap=colours, vmin=-1, vmax=1)
        axes.figure.colorbar(image, ax=axes, shrink=0.7)
    axes.set_xticks(range(len(names)), [_short(name, NAME_MAX) for name in names], rotation=60, ha="right", fontsize=7)
    axes.set_yticks(range(len(names)), [_short(name, NAME_MAX) for name in names], fontsize=7)
    axes.set_title("associations (Spearman, correlation ratio, Cramér's V)", fontsize=10, loc="left", color=INK)
    axes.spines[:].set_visible(False)


def _short(text: str, length: int) -> str:
    return plain(text if len(text) <= length else f"{text[: length - 1]}…")
