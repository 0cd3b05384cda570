"""A drift report as one picture and one table."""

import math
import textwrap
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from mlops_assets.drift.reference import PREDICTION, Reference
from mlops_assets.drift.result import ColumnDrift, DriftReport
from mlops_assets.drift.sketch import Sketch
from mlops_assets.report.drift_panel import draw_panel, plain
from mlops_assets.report.drift_words import headline, promise_sentence, verdict_of
from mlops_assets.report.figure import in_own_style, to_png

PANELS_MAX = 12
ACROSS = 3  # so that the picture fits the dialog of Dagster's pages
HEADLINE_MAX = 105  # characters a line
HEAD = "| column | verdict | score (limit) | why | effect sizes |\n|---|---|---|---|---|\n"


@in_own_style
def drift_png(
    reference: Reference, frame: pd.DataFrame, report: DriftReport, predictions: NDArray[Any] | None = None
) -> bytes:
    """A PNG of the distributions of reference and batch, column by column, the worst first, at most 12.

    Columns that the batch lacks have no panel; the champion's predictions have one where they are given.
    """
    from matplotlib.figure import Figure

    panels = _panels(reference, frame, report, predictions)
    across = max(1, min(ACROSS, len(panels)))
    down = math.ceil(len(panels) / across)
    figure = Figure(figsize=(max(10.0, 3.5 * across), 2.6 * down + 1.0), dpi=100, layout="constrained")
    title = textwrap.fill(plain(headline(report)), HEADLINE_MAX)
    figure.suptitle(title, fontsize=12, fontweight="bold", x=0.01, ha="left")
    for at, (column, sketch, values) in enumerate(panels, start=1):
        draw_panel(figure.add_subplot(down, across, at), column, sketch, values)
    for axes in figure.axes:
        handles, labels = axes.get_legend_handles_labels()
        if handles:  # an empty column has nothing to explain
            figure.legend(handles, labels, loc="outside lower left", ncols=2, frameon=False)
            break
    return to_png(figure, dpi=100)


def drift_markdown(report: DriftReport) -> str:
    """The report as Markdown: sentences and a table, worst column first; what exceeds its limit is bold."""
    rows = [f"| {' | '.join(_row(column))} |" for column in report.columns]
    table = f"\n\n{HEAD}" + "\n".join(rows) if rows else ""
    sentences = [f"**{_cell(headline(report))}**", promise_sentence(report)]
    return "\n\n".join(one for one in sentences if one) + table + "\n"


def _panels(
    reference: Reference, frame: pd.DataFrame, report: DriftReport, predictions: Any
) -> list[tuple[ColumnDrift, Sketch, Any]]:
    found: list[tuple[ColumnDrift, Sketch, Any]] = []
    for column in report.columns:
        sketch = reference.columns.get(column.name)
        if sketch is not None and sketch.source in frame.columns:
            found.append((column, sketch, frame[sketch.source]))
        elif column.name == PREDICTION and reference.prediction is not None and predictions is not None:
            found.append((column, reference.prediction, predictions))
    return found[:PANELS_MAX]


def _row(column: ColumnDrift) -> list[str]:
    score = "" if column.undetermined else _bold(f"{column.score:.1f} ({column.limit:.1f})", column.beyond)
    effects = ", ".join(f"{name} {value:.3g}" for name, value in column.metrics.items())
    why = _cell("; ".join(column.reasons))
    return [_cell(column.name), _bold(verdict_of(column), column.beyond), score, why, effects]


def _bold(text: str, true: bool) -> str:
    return f"**{text}**" if true else text


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
