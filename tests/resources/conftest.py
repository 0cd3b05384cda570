"""An empty MLflow database, made once and copied, since making one takes seconds."""

import shutil
from pathlib import Path

import pytest

from resources.mlflow_client import open_client
from resources.registry import Registry


@pytest.fixture(scope="session")
def empty_mlflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    open_client(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def registry(empty_mlflow: Path, tmp_path: Path) -> Registry:
    shutil.copy(empty_mlflow, tmp_path / "mlflow.db")
    return Registry(f"sqlite:///{tmp_path / 'mlflow.db'}", str(tmp_path / "artifacts"))
