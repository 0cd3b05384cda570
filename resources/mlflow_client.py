"""The one door to MLflow: imported late, telemetry off, addresses given and never global."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

QUIET = {
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
# For who would rather hear soon that the registry is away than wait: an answer is due within seconds.
BRIEF_HTTP = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "5"}


def ask_briefly() -> None:
    """From now on this process waits seconds, not minutes, for an MLflow server that is away."""
    for name, value in BRIEF_HTTP.items():
        os.environ.setdefault(name, value)


@contextmanager
def briefly() -> Iterator[None]:
    """A block that waits seconds for an MLflow server; what comes after it is as patient as before."""
    before = {name: os.environ.get(name) for name in BRIEF_HTTP}
    ask_briefly()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)


def is_away(error: BaseException) -> bool:
    """True when MLflow's error is that no server answered, whatever was asked.

    MLflow words it as an error of its own; the one of `requests` is what it was raised from, or beside.
    """
    import requests

    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, requests.exceptions.ConnectionError | requests.exceptions.Timeout):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def open_client(uri: str) -> Any:
    """An MlflowClient for a tracking and registry address such as `sqlite:////folder/mlflow.db`."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient

    for name in ("mlflow.store", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)  # each try would be told, before the error is
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
