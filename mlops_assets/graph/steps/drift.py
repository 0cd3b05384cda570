"""One batch scored against the champion's training data, and the event kept."""

import json
from dataclasses import dataclass
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.drift.reference import Reference
from mlops_assets.drift.score import DriftReport, score_drift
from mlops_assets.graph.steps.models import open_champion
from mlops_assets.report.drift import drift_png
from mlops_assets.report.drift_words import sentence
from mlops_assets.spec import UseCase
from mlops_assets.training.evaluation import losses
from mlops_assets.training.features import feature_frame, target_values
from resources.failpoint import reach
from resources.installation import Installation
from resources.state import ledger
from resources.state.drift_log import record_drift


@dataclass(frozen=True)
class Scored:
    """A drift report, the champion it is about, and its picture."""

    report: DriftReport
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
    lake, name = installation.lake, use_case.name
    frame = lake.read_table(name, "accepted", f"{key}.parquet")
    reference = Reference.from_bytes(champion.bundle.reference)
    predictions = np.asarray(champion.bundle.predict(feature_frame(frame, use_case)).values)
    report = _score(reference, frame, predictions, use_case)
    png = drift_png(reference, frame, report, predictions)
    lake.write_bytes(json.dumps(report.to_dict(), indent=2).encode(), name, "reports", key, "drift.json")
    lake.write_bytes(png, name, "reports", key, "drift.png")
    reach("drift_drawn")
    _record(installation, use_case, key, champion.version, report)
    reach("drift_recorded")
    return Scored(report, champion.version, png)


def _require_accepted(installation: Installation, key: str) -> None:
    with installation.state.read() as connection:
        batch = ledger.find(connection, key)
    if batch.status != "accepted":
        raise dg.Failure(f"batch {key} is {batch.status}: {batch.reason or 'not validated yet'}", allow_retries=False)


def _score(reference: Reference, frame: pd.DataFrame, predictions: NDArray[Any], use_case: UseCase) -> DriftReport:
    labelled = frame[use_case.target].notna().to_numpy()
    found = None
    if labelled.any():
        truth = target_values(frame[labelled], use_case)
        found = losses(predictions[labelled], truth, use_case.decision)
    return score_drift(reference, frame, use_case.drift, predictions, found)


def _record(installation: Installation, use_case: UseCase, key: str, version: int, report: DriftReport) -> None:
    with installation.state.write() as connection:
        record_drift(
            connection,
            use_case=use_case.name,
            key=key,
            champion_version=version,
            status=report.status,
            model_status=report.model_status,
            worst_column=report.columns[0].name if report.columns else None,
            sentence=sentence(report),
            at=installation.clock(),
        )
