"""The one door to MLflow: imported late, telemetry off, addresses given and never global."""

import logging
import os
from typing import Any

QUIET = {
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


def open_client(uri: str) -> Any:
    """An MlflowClient for a tracking and registry address such as `sqlite:////folder/mlflow.db`."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient

    for name in ("mlflow.store", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def open_experiment(client: Any, name: str, uri: str, artifact_root: str) -> str:
    """Id of the experiment `name`, made with its artefacts below `artifact_root` when there is none.

    A tracking server decides itself where artefacts lie; a database does not, and its own default is relative to the
    working folder.
    """
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    place = None if uri.startswith("http") else f"{artifact_root.rstrip('/')}/{name}"
    try:
        return str(client.create_experiment(name, artifact_location=place))
    except MlflowException:
        found = client.get_experiment_by_name(name)  # another process made it in this moment
        if found is None:
            raise
        return str(found.experiment_id)
