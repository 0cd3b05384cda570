"""One column of a batch against its sketch: effect sizes beside the tests that guard them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_assets.drift.columns import label_counts, numbers
from mlops_assets.drift.metrics import CATEGORY, NUMERIC, Metric
from mlops_assets.drift.metrics.chi_square import chi_square_p_value
from mlops_assets.drift.metrics.ks import ks_p_value
from mlops_assets.drift.metrics.missing_share import missing_share
from mlops_assets.drift.proportions import proportions_p_value
from mlops_assets.drift.sketch import CategorySketch, NumericSketch, Sketch, aligned_counts
from mlops_assets.spec import DriftPolicy, Limit


@dataclass(frozen=True)
class Evidence:
    """One test and the effect sizes it guards: drift is a significant test and an effect above its limit."""

    p_value: float
    effects: dict[str, float]
    limits: dict[str, Limit]


@dataclass(frozen=True)
class Comparison:
    """All evidence about one column, and sentences about what could not be measured."""

    evidence: tuple[Evidence, ...]
    notes: tuple[str, ...]


def compare_column(sketch: Sketch, values: Any, policy: DriftPolicy) -> Comparison:
    """The values of a batch against the sketch of the same column.

    Raises
    ------
    ValueError
        If the policy limits a metric that does not exist.
    """
    if isinstance(sketch, NumericSketch):
        n, found = _compare_numbers(sketch, values, policy.numeric)
    else:
        n, found = _compare_labels(sketch, values, policy.category)
    missing = _compare_missing(sketch, len(values) - n, len(values), policy.missing_share)
    if found is not None:
        return Comparison((found, *missing), _undefined(found.effects))
    side = "the reference" if sketch.n == 0 else "the batch"
    return Comparison(missing, (f"undetermined: {side} has no value here",))


def _compare_numbers(sketch: NumericSketch, values: Any, limits: Mapping[str, Limit]) -> tuple[int, Evidence | None]:
    _check_known(limits, NUMERIC, "numeric")
    current = numbers(values, sketch.measure)
    if sketch.n == 0 or len(current) == 0:
        return len(current), None
    effects = {name: metric(sketch.sample, current) for name, metric in NUMERIC.items()}
    return len(current), Evidence(ks_p_value(effects["ks"], len(sketch.sample), len(current)), effects, dict(limits))


def _compare_labels(sketch: CategorySketch, values: Any, limits: Mapping[str, Limit]) -> tuple[int, Evidence | None]:
    _check_known(limits, CATEGORY, "category")
    counts = label_counts(values)
    n = sum(counts.values())
    if sketch.n == 0 or n == 0:
        return n, None
    reference, current = aligned_counts(sketch, counts)
    effects = {name: metric(reference, current) for name, metric in CATEGORY.items()}
    return n, Evidence(chi_square_p_value(reference, current), effects, dict(limits))


def _compare_missing(sketch: Sketch, missing: int, rows: int, limit: Limit) -> tuple[Evidence, ...]:
    rows_reference = sketch.n + sketch.missing
    if missing + sketch.missing == 0 or rows_reference == 0:
        return ()
    p_value = proportions_p_value(sketch.missing, rows_reference, missing, rows)
    rise = missing_share(sketch.missing, rows_reference, missing, rows)
    return (Evidence(p_value, {"missing_share": rise}, {"missing_share": limit}),)


def _undefined(effects: Mapping[str, float]) -> tuple[str, ...]:
    names = [name for name, value in effects.items() if not math.isfinite(value)]
    return (f"undefined here: {', '.join(names)}",) if names else ()


def _check_known(limits: Mapping[str, Limit], table: Mapping[str, Metric], part: str) -> None:
    for name in limits:
        if name not in table:
            raise ValueError(f"drift.{part}: metric {name!r} is unknown; available: {', '.join(sorted(table))}")
