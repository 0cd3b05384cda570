"""The chosen batches as one table, and the retrain that begins with it."""

from dataclasses import dataclass
from typing import Any

import dagster as dg
import pandas as pd

from mlops_assets.graph.steps.plan import chosen_batches, keep_plan, read_plan
from mlops_assets.graph.window import Window
from mlops_assets.spec import UseCase
from mlops_assets.training.features import BATCH
from resources.failpoint import reach
from resources.installation import Installation
from resources.state import ledger
from resources.state.drift_log import last_drift_id
from resources.state.retrains import Retrain, begin_retrain


@dataclass(frozen=True)
class Collected:
    """A training set: which batches, their labelled rows, and where they are kept."""

    window: Window
    frame: pd.DataFrame
    path: str


def collect(
    installation: Installation, use_case: UseCase, run_id: str, cause: str, expected: dict[str, Any] | None = None
) -> Collected:
    """The training set of a Dagster run, kept in the lake under the number of its retrain.

    Parameters
    ----------
    expected : what the retrain is to win back, as `decision.gain` writes it; None where nobody said

    Raises
    ------
    dagster.Failure
        If no batch was accepted yet.
    """
    with installation.state.read() as connection:
        accepted = ledger.accepted(connection, use_case.name)
        # Of this moment: the alarm of a batch that comes while these are joined is for the next retrain.
        drift_id = last_drift_id(connection, use_case.name)
    plan = read_plan(installation, use_case)
    window = chosen_batches(accepted, use_case, plan, installation.clock())
    if not window.batches:
        raise dg.Failure("no batch was accepted yet; land data first", allow_retries=False)
    frame = join_batches(installation, use_case, window)
    why = {"cause": cause if plan is None else f"{cause}; {plan.sentence}", "expected": expected, "drift_id": drift_id}
    retrain = _begin(installation, use_case, run_id, window, len(frame), why)
    reach("retrain_begun")
    keep_plan(installation, use_case, retrain.id, plan)
    path = installation.lake.write_table(frame, use_case.name, "training", f"{retrain.id:06d}.parquet")
    reach("training_written")
    return Collected(window, frame, path)


def join_batches(installation: Installation, use_case: UseCase, window: Window) -> pd.DataFrame:
    """Accepted rows of the window's batches that have a label, each with the key of its batch in `_batch`."""
    lake = installation.lake
    tables = [
        lake.read_table(use_case.name, "accepted", f"{batch.key}.parquet").assign(**{BATCH: batch.key})
        for batch in window.batches
    ]
    joined = pd.concat(tables, ignore_index=True)
    return joined[joined[use_case.target].notna()].reset_index(drop=True)


def _begin(
    installation: Installation, use_case: UseCase, run_id: str, window: Window, rows: int, why: dict[str, Any]
) -> Retrain:
    with installation.state.write() as connection:
        return begin_retrain(
            connection,
            use_case=use_case.name,
            dagster_run_id=run_id,
            data_hash=window.data_hash,
            batches=[batch.key for batch in window.batches],
            rows=rows,
            started_at=installation.clock(),
            **why,
        )
