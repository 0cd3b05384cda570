"""The evidence about champion and challenger, gathered from the state database."""

from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from mlops_assets.decision.evidence import FORMAT, SEGMENT, UNIT, Evidence, label_table
from mlops_assets.graph.steps.shares import truth_columns
from mlops_assets.spec import UseCase
from resources.installation import Installation
from resources.state.labels import evidence_columns, newest_label
from resources.state.planned import planned_splits
from resources.state.traffic import phases


def gather(installation: Installation, use_case: UseCase, champion: int, challenger: int) -> Evidence:
    """What is known now about two versions that were served together."""
    pair, segments = (use_case.name, champion, challenger), use_case.decision.segments
    log_loss = use_case.decision.loss == "log_loss"
    with installation.state.read() as connection:
        # The newest label first: everything below is looked at afterwards.
        facts: dict[str, Any] = {
            "format": FORMAT,
            "use_case": use_case.name,
            "champion": champion,
            "challenger": challenger,
            "judged_at": installation.clock().isoformat(),
            "label_id": newest_label(connection, *pair),
            "phases": _phases(connection, use_case, champion, challenger),
        }
        columns = evidence_columns(connection, *pair, features=bool(segments) or log_loss)
    more: dict[str, Any] = {SEGMENT + name: [_value(row.get(name)) for row in columns["features"]] for name in segments}
    if log_loss:
        more |= truth_columns(installation, use_case, (champion, challenger), columns)
    more[UNIT] = pd.factorize(np.array(columns.pop("unit_id"), dtype=object))[0].tolist()
    columns.pop("features", None)
    return Evidence(label_table(columns | more), facts)


def _value(value: Any) -> str:
    return "missing" if value is None else str(value)


def _phases(connection: sa.Connection, use_case: UseCase, champion: int, challenger: int) -> list[dict[str, Any]]:
    planned = planned_splits(connection, use_case)
    found: dict[int, dict[str, Any]] = {}
    for row in phases(connection, use_case.name, champion, challenger):
        nothing = {"answers": 0, "units": 0, "labels": 0}
        phase = found.setdefault(row.phase, {"phase": row.phase, "split_b": planned.get(row.phase)})
        phase |= {arm: phase.get(arm, nothing) for arm in ("A", "B")}
        phase[row.arm] = {"answers": row.answers, "units": row.units, "labels": row.labels}
    return list(found.values())
