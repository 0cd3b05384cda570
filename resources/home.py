"""The folder of everything the system keeps, made once, before anything that uses it starts.

Two processes that create a fresh SQLite database at the same moment can leave it with two schema versions, so the
first start holds a lock and the others wait for it.
"""

import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from filelock import FileLock

from mlops_assets.spec import UseCase
from resources.settings import Settings
from resources.state.migrate import migrate

FOLDERS = ("dagster", "mlflow/artifacts", "logs", "bundles", "landing", "lake", "use_cases")
LOCK_TIMEOUT_S = 300


def prepare_home(
    settings: Settings, use_cases: dict[str, UseCase], first_start: Callable[[], None] = lambda: None
) -> Path:
    """The home, with every folder, the Dagster configuration and an up-to-date state database.

    Parameters
    ----------
    first_start : callable
        Creates the databases of others (Dagster's, MLflow's); called under the lock until it succeeded once.
    """
    root = settings.root
    root.mkdir(parents=True, exist_ok=True)
    with FileLock(root / ".lock", timeout=LOCK_TIMEOUT_S):
        for folder in FOLDERS:
            (root / folder).mkdir(parents=True, exist_ok=True)
        _make_landing_folders(settings, use_cases)
        for name in ("dagster.yaml", "workspace.yaml"):
            if not (settings.dagster_home / name).exists():
                shutil.copyfile(str(files("resources") / name), settings.dagster_home / name)
        migrate(settings.state_address)
        if not (root / ".ready").exists():
            first_start()
            (root / ".ready").touch()
    return root


def _make_landing_folders(settings: Settings, use_cases: dict[str, UseCase]) -> None:
    if "://" in settings.landing_root:
        return
    for name in use_cases:
        (Path(settings.landing_root) / name).mkdir(parents=True, exist_ok=True)
