"""Batches scored by the rule of the package, without the effect sizes of a report, which take most of the time."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_assets.drift.budget import alpha_of, split
from mlops_assets.drift.codes import CODES, NumericCoding
from mlops_assets.drift.findings import column_findings, joint_findings, shifts
from mlops_assets.drift.groups import costs
from mlops_assets.drift.history import Seen
from mlops_assets.drift.joint import scored_rows, sum_rows
from mlops_assets.drift.reference import Reference
from mlops_assets.drift.slow import slow_drift
from mlops_assets.spec import DriftPolicy

POLICY = DriftPolicy()


@dataclass(frozen=True)
class Glance:
    """The largest score whose effect counts, its kind, and the shifts of the means."""

    score: float
    kind: str
    seen: Seen


def glance(reference: Reference, frame: pd.DataFrame) -> Glance:
    """A batch at a glance: what `score_drift` compares with the limit."""
    source = reference.sources["table"]
    columns = [
        coding.encode(frame[name].to_numpy(dtype=np.float64) if isinstance(coding, NumericCoding) else frame[name])
        for name, coding in reference.table.codings.items()
    ]
    codes = np.stack(columns, axis=1)
    counts = np.stack([np.bincount(column, minlength=CODES) for column in columns]).astype(np.float64)
    batch, cost = source.sums_of_counts(counts, len(frame)), costs([source])
    missing_too = {name: name != reference.target for name in reference.table.codings}
    findings = column_findings(source, batch, missing_too, cost)
    scores, present = scored_rows(reference.table, codes)
    together = sum_rows(scores[None].astype(np.float64), present[None].astype(np.float64))
    findings += joint_findings(source, together, np.flatnonzero(together.present[0] == 0), cost)
    counted = [one for one in findings if abs(one.effect) >= POLICY.floors.of(one.kind)]
    worst = max(counted, key=lambda one: one.score, default=None)
    seen = Seen(shifts(source, batch))
    return Glance(0.0, "", seen) if worst is None else Glance(worst.score, worst.kind, seen)


def first_alarm(reference: Reference, batches: list[pd.DataFrame]) -> tuple[int, str] | None:
    """The number of the first batch that drifts and the kind of its score, None where none does."""
    batch_alpha, slow_alpha = split(POLICY.alpha)
    seen: list[Seen] = []
    for number, frame in enumerate(batches, start=1):
        found = glance(reference, frame)
        seen.append(found.seen)
        if found.score > reference.limits.limit(len(frame), alpha_of(number, batch_alpha)):
            return number, found.kind
        rows = reference.sources["table"].present
        slow = slow_drift(seen, rows, reference.limits, alpha_of(number, slow_alpha), POLICY.floors.shift.value)
        if slow is not None and slow.drifted:
            return number, "slow"
    return None
