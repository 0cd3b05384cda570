"""A drift report in words."""

from mlops_assets.drift.findings import TOGETHER
from mlops_assets.drift.result import ColumnDrift, DriftReport
from mlops_assets.drift.slow import SlowDrift
from mlops_assets.loss.model_report import ModelReport
from mlops_assets.report.loss_words import model_sentence


def headline(report: DriftReport) -> str:
    """The report in one sentence."""
    if report.status == "too_small":
        return f"Too small to say: {report.rows} rows, {report.rows_min} are due"
    rows = f"({report.rows:,} rows against {report.rows_reference:,})"
    columns = [column for column in report.columns if column.alarms and column.kind != "joint"]
    if report.status == "no_drift":
        return (
            f"No drift: none of {len(columns)} columns differs from the champion's training data {rows}{_aside(report)}"
        )
    apart = [name for name in report.drifted if name != TOGETHER]
    if apart:
        found = (
            f"{len(apart)} of {len(columns)} columns differ from the champion's training data, most of all {apart[0]}"
        )
    elif report.drifted:
        found = "what columns have to do with each other differs from the champion's training data"
    else:
        found = _slow_words(report.slow) if report.slow is not None else ""
    return f"Drift: {found} {rows}{_aside(report)}"


def _aside(report: DriftReport) -> str:
    return f"; moved, but no ground for an alarm: {', '.join(report.warned)}" if report.warned else ""


def _slow_words(slow: SlowDrift) -> str:
    return (
        f"{slow.column} has moved by {slow.shift:+.2f} standard deviations over {slow.batches} batches, none of which "
        f"stands out by itself"
    )


def promise_sentence(report: DriftReport) -> str:
    """What is promised about false alarms and what was observed, empty where the batch was too small."""
    if report.promise is None:
        return ""
    promise = report.promise
    return (
        f"Without drift, a champion sees an alarm in its life with a chance of {promise.alpha:.3g} at most, "
        f"{promise.spent:.2g} of it up to this batch, its number {promise.number}; "
        f"observed: {promise.alarms} of {promise.number} batches ({promise.observed:.1%})"
    )


def sentence(report: DriftReport, model: ModelReport) -> str:
    """Data and model in one line."""
    return f"{headline(report)}. {model_sentence(model)}"


def verdict_of(column: ColumnDrift) -> str:
    """One column in a word or two."""
    if column.warned:
        return "warning"
    return "drift" if column.drifted else "undetermined" if column.undetermined else "no drift"


def worst_effect(column: ColumnDrift) -> str:
    """What is most surprising about a column, and its limit."""
    return f"score {column.score:.1f}, limit {column.limit:.1f}"
