"""A batch in a few numbers under names that stay, so that they can be plotted over batches."""

import pandas as pd

from mlops_assets.spec import UseCase

SIGNIFICANT = 6


def batch_metadata(frame: pd.DataFrame, use_case: UseCase) -> dict[str, float | int | str]:
    """Meta-parameters of a decoded batch.

    Returns
    -------
    dict
        `rows`; `time/first`, `time/last` (ISO 8601) and `time/span_h`; `target/mean`, `/min`, `/max` or, where the
        target is a category, `target/classes` and `target/most_frequent_share`; for each numeric column
        `<name>/mean`, `/min`, `/max`; for each category `<name>/categories`; `<name>/missing_share` where one is
        missing. A figure that needs a value is left out where there is none.
    """
    found: dict[str, float | int | str] = {"rows": len(frame)}
    found |= _span(frame, use_case.time)
    if use_case.target in frame.columns:
        found |= _target(frame[use_case.target])
    for name, column in use_case.columns.items():
        if name not in frame.columns:
            continue
        if column.kind == "numeric":
            found |= _numbers(name, frame[name])
        elif column.kind == "category":
            found[f"{name}/categories"] = int(frame[name].nunique())
        missing = float(frame[name].isna().mean()) if len(frame) else 0.0
        if missing > 0:
            found[f"{name}/missing_share"] = _rounded(missing)
    return found


def _span(frame: pd.DataFrame, time: str | None) -> dict[str, float | int | str]:
    moments = frame[time].dropna() if time in frame.columns else pd.Series(dtype="datetime64[ns]")
    if moments.empty:
        return {}
    first, last = moments.min(), moments.max()
    hours = (last - first).total_seconds() / 3600
    return {"time/first": first.isoformat(), "time/last": last.isoformat(), "time/span_h": _rounded(hours)}


def _target(values: pd.Series) -> dict[str, float | int | str]:
    if pd.api.types.is_numeric_dtype(values.dtype):
        return _numbers("target", values)
    shares = values.value_counts(normalize=True)
    if shares.empty:
        return {}
    return {"target/classes": len(shares), "target/most_frequent_share": _rounded(float(shares.iloc[0]))}


def _numbers(name: str, values: pd.Series) -> dict[str, float | int | str]:
    if values.notna().sum() == 0:
        return {}
    figures = {"mean": values.mean(), "min": values.min(), "max": values.max()}
    return {f"{name}/{what}": _rounded(float(figure)) for what, figure in figures.items()}


def _rounded(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT}g}")
