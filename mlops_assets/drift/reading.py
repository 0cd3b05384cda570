"""A batch read against every table of a reference: its columns compared, and all findings about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.drift.codes import MISSING, LabelCoding
from mlops_assets.drift.compare import ABSENT, Compared, compare_column
from mlops_assets.drift.findings import Finding, column_findings, joint_findings, shifts
from mlops_assets.drift.groups import costs
from mlops_assets.drift.history import Shift
from mlops_assets.drift.joint import scored_rows, sum_rows
from mlops_assets.drift.metrics import JOINT
from mlops_assets.drift.reference import PREDICTION, Reference
from mlops_assets.drift.sketch import SAMPLE_MAX, NumericSketch, Sketch
from mlops_assets.drift.source import Source
from mlops_assets.drift.topics import with_topics


@dataclass(frozen=True)
class Reading:
    """Of one batch: comparisons by column, findings, effect sizes of all columns together, shifts of the means."""

    compared: Mapping[str, Compared]
    findings: tuple[Finding, ...]
    joint: Mapping[str, float] = field(default_factory=dict)
    shifts: Mapping[str, Shift] = field(default_factory=dict)


def read_batch(reference: Reference, frame: pd.DataFrame, predictions: NDArray[Any] | None) -> Reading:
    """The reading of a batch's rows and the champion's answers to them."""
    sources, frame = reference.sources, with_topics(frame, reference.topics)
    cost = costs([source for name, source in sources.items() if name != "aside"])
    parts: dict[str, Reading] = {}
    for name, source in sources.items():
        if name == "predicted" and predictions is None and not reference.topics:
            continue
        sketches = _sketches(reference, name, source)
        values = _values(sketches, frame) | ({PREDICTION: predictions} if PREDICTION in sketches else {})
        own_cost = costs([source]) if name == "aside" else cost
        part = _read(source, sketches, values, len(frame), reference.target, own_cost)
        parts[name] = _with_joint(part, source, sketches, values, own_cost)
    return Reading(
        {name: one for part in parts.values() for name, one in part.compared.items()},
        tuple(finding for part in parts.values() for finding in part.findings),
        {
            name: max(part.joint.get(name, 0.0) for part in parts.values())
            for part in parts.values()
            for name in part.joint
        },
        {name: value for table, part in parts.items() if table != "aside" for name, value in part.shifts.items()},
    )


def _sketches(reference: Reference, name: str, source: Source) -> dict[str, Sketch]:
    own = {PREDICTION: reference.prediction} if name == "predicted" and reference.prediction is not None else {}
    return {column: own.get(column) or reference.columns[column] for column in source.table.codings}


def _values(sketches: Mapping[str, Sketch], frame: pd.DataFrame) -> dict[str, Any]:
    """The batch's values of each column, None where it has none."""
    return {name: frame[one.source] if one.source in frame.columns else None for name, one in sketches.items()}


def _read(
    source: Source,
    sketches: Mapping[str, Sketch],
    values: Mapping[str, Any],
    rows: int,
    target: str,
    cost: Mapping[str, float],
) -> Reading:
    codings = source.table.codings
    compared = {name: compare_column(sketches[name], codings[name], found) for name, found in values.items()}
    batch = source.sums_of_counts(np.array([one.counts for one in compared.values()]), rows)
    # labels come late by nature, and a column that is absent cannot be told from one that validation lets through
    missing_too = {name: one is not ABSENT and name != target for name, one in compared.items()}
    return Reading(compared, tuple(column_findings(source, batch, missing_too, cost)), shifts=shifts(source, batch))


def _with_joint(
    part: Reading,
    source: Source,
    sketches: Mapping[str, Sketch],
    values: Mapping[str, Any],
    cost: Mapping[str, float],
) -> Reading:
    """The reading with what columns have to do with each other, from at most 10,000 evenly spaced rows."""
    if source.joint is None or all(found is None for found in values.values()):
        return part
    total = next(len(found) for found in values.values() if found is not None)
    places = np.linspace(0, total - 1, min(total, SAMPLE_MAX)).astype(np.int64)
    codes = np.full((len(places), len(values)), MISSING, dtype=np.uint8)
    for at, (name, found) in enumerate(values.items()):
        if found is not None:
            codes[:, at] = _encode(source, name, sketches[name], np.asarray(found)[places])
    scores, present = scored_rows(source.table, codes)
    batch = sum_rows(scores[None].astype(np.float64), present[None].astype(np.float64))
    metrics = {name: metric(source.joint.scores, scores) for name, metric in JOINT.items()}
    known = {name: value for name, value in metrics.items() if np.isfinite(value)}
    together = joint_findings(source, batch, np.flatnonzero(batch.present[0] == 0), cost)
    return Reading(part.compared, (*part.findings, *together), known, part.shifts)


def _encode(source: Source, name: str, sketch: Sketch, values: NDArray[Any]) -> NDArray[np.uint8]:
    coding = source.table.codings[name]
    if isinstance(coding, LabelCoding) or not isinstance(sketch, NumericSketch):
        return coding.encode(values)
    return coding.encode(sketch.measured(values))
