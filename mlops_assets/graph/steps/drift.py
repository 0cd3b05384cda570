"""One batch scored against the champion's training data, and the event kept."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd

from mlops_assets.decision.harm import Harm
from mlops_assets.drift.history import History, Seen, Shift
from mlops_assets.drift.reference import Reference
from mlops_assets.drift.score import DriftReport, score_drift
from mlops_assets.drift.slow import BATCHES_MAX
from mlops_assets.drift.topics import with_topics
from mlops_assets.graph.steps.harm import judge_harm
from mlops_assets.graph.steps.loss import score_champion
from mlops_assets.graph.steps.models import Model, open_champion
from mlops_assets.loss.model_report import ModelReport
from mlops_assets.report.drift import drift_png
from mlops_assets.report.drift_words import sentence
from mlops_assets.spec import UseCase
from resources.failpoint import reach
from resources.installation import Installation
from resources.state import ledger
from resources.state.drift_log import DriftEvent, drift_before, last_drift_id, others_since, record_drift


@dataclass(frozen=True)
class Scored:
    """What a batch says about the data and about the champion, the harm in it, and its picture."""

    report: DriftReport
    model: ModelReport
    harm: Harm
    champion_version: int
    png: bytes


def score_batch(installation: Installation, use_case: UseCase, key: str) -> Scored | None:
    """The scored batch, kept in the lake and in the drift log; None while there is no champion.

    Raises
    ------
    dagster.Failure
        If the batch was not accepted.
    """
    _require_accepted(installation, key)
    champion = open_champion(installation, use_case)
    if champion is None:
        return None
    frame = installation.lake.read_table(use_case.name, "accepted", f"{key}.parquet")
    while True:
        with installation.state.read() as connection:
            looked = last_drift_id(connection, use_case.name)
        scored = _score(installation, use_case, key, champion, frame)
        if _record(installation, use_case, key, scored, looked):
            reach("drift_recorded")
            return scored


def _score(installation: Installation, use_case: UseCase, key: str, champion: Model, frame: pd.DataFrame) -> Scored:
    """The batch beside what was scored before it, with its report and its picture in the lake."""
    lake, name = installation.lake, use_case.name
    reference = Reference.from_bytes(champion.bundle.reference)
    predictions = champion.bundle.answer_table(frame)
    values = np.asarray(predictions.values)
    history = read_history(installation, use_case, champion.version, key)
    wide = with_topics(frame, reference.topics)  # once, for the scores and for the picture
    report = score_drift(reference, wide, use_case.drift, values, history)
    model = score_champion(installation, use_case, champion, key, frame, predictions)
    look = history.alarms + 1 if report.status == "drift" else 0
    unit = champion.bundle.schema.use_case.decision.unit
    harm = judge_harm(installation, use_case, champion.version, key, model, look, unit)
    scored = Scored(report, model, harm, champion.version, drift_png(reference, wide, report, values))
    lake.write_bytes(json.dumps(_facts(scored), indent=2).encode(), name, "reports", key, "drift.json")
    lake.write_bytes(scored.png, name, "reports", key, "drift.png")
    reach("drift_drawn")
    return scored


def _require_accepted(installation: Installation, key: str) -> None:
    with installation.state.read() as connection:
        batch = ledger.find(connection, key)
    if batch.status != "accepted":
        raise dg.Failure(f"batch {key} is {batch.status}: {batch.reason or 'not validated yet'}", allow_retries=False)


def read_history(installation: Installation, use_case: UseCase, version: int, key: str) -> History:
    """What was scored for a version before the batch `key`."""
    with installation.state.read() as connection:
        before = drift_before(connection, use_case.name, version, key, BATCHES_MAX)
    recent = tuple(_seen(one) for one in before.recent if one.rows and one.shifts is not None)
    return History(before.scored, before.alarms, recent)


def _seen(event: DriftEvent) -> Seen:
    """An earlier batch; where an event counts no values beside a shift, each row is taken to have one."""
    shifts = event.shifts or {}
    return Seen(
        {
            name: Shift(*one) if isinstance(one, list) else Shift(one, float(event.rows or 0))
            for name, one in shifts.items()
        }
    )


def _facts(scored: Scored) -> dict[str, Any]:
    return {**scored.report.to_dict(), "model": scored.model.to_dict(), "harm": scored.harm.to_dict()}


def _record(installation: Installation, use_case: UseCase, key: str, scored: Scored, looked: int) -> bool:
    """Whether the event is kept; False where another batch of the champion was kept since event `looked`.

    Each batch spends a share of the budget of false alarms by its number, so two that are scored at once must not both
    be number n: one of them is scored again, after the other.
    """
    report, model = scored.report, scored.model
    with installation.state.write() as connection:
        if others_since(connection, use_case.name, scored.champion_version, key, looked):
            return False
        record_drift(
            connection,
            use_case=use_case.name,
            key=key,
            champion_version=scored.champion_version,
            status=report.status,
            model_status=model.status,
            worst_column=report.worst_column,
            sentence=sentence(report, model),
            at=installation.clock(),
            losses=None if model.losses is None else model.losses.to_dict(),
            checked=None if model.check is None else asdict(model.check),
            harm=scored.harm.to_dict(),
            rows=report.rows if report.columns else None,
            shifts=dict(report.shifts) if report.columns else None,
        )
    return True
