"""A drift report in words."""

from mlops_assets.drift.model_report import ModelReport
from mlops_assets.drift.result import ColumnDrift, DriftReport
from mlops_assets.report.loss_words import model_sentence


def headline(report: DriftReport) -> str:
    """The report in one sentence."""
    if report.status == "too_small":
        return f"Too small to say: {report.rows} rows, {report.rows_min} are due"
    rows = f"({report.rows:,} rows against {report.rows_reference:,})"
    if report.status == "no_drift":
        return f"No drift: none of {len(report.columns)} columns differs from the champion's training data {rows}"
    found = f"{len(report.drifted)} of {len(report.columns)} columns"
    return f"Drift: {found} differ from the champion's training data, most of all {report.drifted[0]} {rows}"


def sentence(report: DriftReport, model: ModelReport) -> str:
    """Data and model in one line."""
    return f"{headline(report)}. {model_sentence(model)}"


def verdict_of(column: ColumnDrift) -> str:
    """One column in a word or two."""
    return "drift" if column.drifted else "undetermined" if column.undetermined else "no drift"


def worst_effect(column: ColumnDrift) -> str:
    """The effect size that comes closest to its limit or exceeds it most, empty where there is none."""
    ratios = {
        name: column.metrics[name] / limit.value for name, limit in column.limits.items() if name in column.metrics
    }
    if not ratios:
        return ""
    name = max(ratios, key=lambda metric: ratios[metric])
    return f"{name} {column.metrics[name]:.3g}, limit {column.limits[name].value:g}"
