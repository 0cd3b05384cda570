"""A drift report in one sentence."""

from mlops_assets.drift.result import DriftReport


def drift_sentence(report: DriftReport) -> str:
    """What was found, with the numbers that led to it."""
    return f"{_columns(report)}; {_model(report)}"


def _columns(report: DriftReport) -> str:
    if report.status == "too_small":
        return f"too small to say: {report.rows} rows, {report.rows_min} are due"
    if report.status == "no_drift":
        return f"no drift in {len(report.columns)} columns of {report.rows} rows"
    worst = report.columns[0]
    return f"{len(report.drifted)} of {len(report.columns)} columns drifted, worst {worst.name}: {worst.reasons[0]}"


def _model(report: DriftReport) -> str:
    if report.loss is None:
        return "no labels to judge the model by" if report.model_status == "no_labels" else "too few labels to judge the model"
    shift = report.loss
    found = "model drift" if report.model_status == "drift" else "no model drift"
    return f"{found}: loss {shift.mean_current:.3g}, {shift.mean_reference:.3g} at training"
