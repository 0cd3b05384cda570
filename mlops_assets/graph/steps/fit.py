"""One training run: fit, judge, record in MLflow, keep the bundle."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlops_assets.graph.steps.candidate import fit_candidate
from mlops_assets.graph.steps.continuing import learner_of
from mlops_assets.graph.steps.fitted import Fitted
from mlops_assets.graph.steps.models import open_champion
from mlops_assets.graph.steps.past import read_past
from mlops_assets.graph.steps.plan import kept_plan
from mlops_assets.graph.steps.training_record import training_run
from mlops_assets.spec import UseCase
from resources.failpoint import reach
from resources.installation import Installation
from resources.state import promotions
from resources.state.retrains import Retrain, change_retrain, retrains_of
from resources.tracking import fill_run


def fit(
    installation: Installation,
    use_case: UseCase,
    retrain: Retrain,
    mlflow_run_id: str,
    progress: Callable[[str], None],
) -> Fitted:
    """The fitted candidate of a retrain, recorded and kept; the retrain is marked fitted last."""
    frame = installation.lake.read_table(use_case.name, "training", f"{retrain.id:06d}.parquet")
    champion = open_champion(installation, use_case)
    known = champion_batches(installation, use_case)
    plan = kept_plan(installation, use_case, retrain.id)
    goes_on = plan is not None and plan.policy == "continue" and champion is not None
    learner = learner_of(installation, use_case, champion, known) if goes_on and champion is not None else None
    past = read_past(installation, use_case, retrain.id)
    fitted = fit_candidate(frame, use_case, champion, known, progress, learner, past)
    fill_run(installation.settings.mlflow_address, mlflow_run_id, training_run(fitted, use_case, retrain))
    _keep(installation, use_case, retrain, fitted)
    reach("bundle_kept")
    with installation.state.write() as connection:
        change_retrain(connection, retrain.id, status="fitted", mlflow_run_id=mlflow_run_id)
    return fitted


def champion_batches(installation: Installation, use_case: UseCase) -> frozenset[str]:
    """Keys of the batches that the champion was trained on."""
    with installation.state.read() as connection:
        version = promotions.current(connection, use_case.name)
        rows = retrains_of(connection, use_case.name)
    return frozenset(key for row in rows if version is not None and row.version == version for key in row.batches)


def _keep(installation: Installation, use_case: UseCase, retrain: Retrain, fitted: Fitted) -> None:
    """Bundle and report in the lake; the report comes last, so that its presence means that all is there."""
    lake, place = installation.lake, (use_case.name, "candidates", f"{retrain.id:06d}")
    with tempfile.TemporaryDirectory() as folder:
        manifest = fitted.write(
            Path(folder) / "bundle", data_hash=retrain.data_hash, created=installation.clock().isoformat()
        )
        for path in sorted((Path(folder) / "bundle").iterdir()):
            lake.write_bytes(path.read_bytes(), *place, "bundle", path.name)
    report: dict[str, Any] = {**fitted.report(), "engine": manifest.engine, "onnx_refused": manifest.onnx_refused}
    lake.write_bytes(json.dumps(report, indent=2, default=str).encode(), *place, "report.json")
