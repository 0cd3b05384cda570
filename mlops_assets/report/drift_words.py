"""A drift report in words."""

import math

from mlops_assets.drift.result import ColumnDrift, DriftReport

P_VALUE_SHOWN = 1e-6  # smaller ones rest on tails that no data can check


def headline(report: DriftReport) -> str:
    """The report in one sentence."""
    if report.status == "too_small":
        return f"Too small to say: {report.rows} rows, {report.rows_min} are due"
    rows = f"({report.rows:,} rows against {report.rows_reference:,})"
    if report.status == "no_drift":
        return f"No drift: none of {len(report.columns)} columns differs from the champion's training data {rows}"
    found = f"{len(report.drifted)} of {len(report.columns)} columns"
    return f"Drift: {found} differ from the champion's training data, most of all {report.drifted[0]} {rows}"


def model_sentence(report: DriftReport) -> str:
    """What the champion's losses on the batch say."""
    if report.loss is None:
        return {
            "no_labels": "Model drift: no labels came with the batch, or none were known at training",
            "too_small": f"Model drift: too small to say, fewer than {report.rows_min} labelled rows",
        }[report.model_status]
    loss = report.loss
    ratio = f"{loss.ratio:.2f} times" if math.isfinite(loss.ratio) else "any multiple of"
    return (
        f"Model {'drift' if report.model_status == 'drift' else 'without drift'}: mean loss {loss.mean_current:.4g} on "
        f"{loss.n_current:,} labelled rows, {ratio} the {loss.mean_reference:.4g} at training "
        f"(limit {loss.limit.value:g}, {_p_value(loss.p_value)})"
    )


def _p_value(p_value: float) -> str:
    return f"p = {p_value:.2g}" if p_value >= P_VALUE_SHOWN else f"p < {P_VALUE_SHOWN:g}"


def sentence(report: DriftReport) -> str:
    """Data and model in one line."""
    return f"{headline(report)}. {model_sentence(report)}"


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
