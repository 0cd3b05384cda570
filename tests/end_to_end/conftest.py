"""A home of its own for each story, and the commands run in it as a person would."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf
from ports import free_port
from typer.testing import CliRunner

from mlops_assets.cli.main import app
from mlops_assets.cli.services import Service, router_service, running
from resources.settings import read_settings

SHARED = Path(__file__).parents[3] / "shared" / "data"
READY_S = 300.0  # of a machine that others use as well; ten seconds are usual
QUICK = (
    "landing.quiet_s=0",
    "retrain.cooldown_s=0",
    "training.engine=lean",
    "training.budget_s=600",  # of the clock: all candidates are done within seconds, on a busy machine within minutes
    "training.families=[linear,lightgbm]",
    "training.preprocessing=[scaled]",
    "training.tune_best=0",
    "training.folds=2",
    "training.explain_rows=0",
    "decision.uneven_labels=warn",  # arms are drawn: once in some thousand runs chance would hold a promotion up
)


class Home:
    """An empty home."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.use_cases = root / "use_cases"

    def mlops(self, *arguments: object) -> str:
        """What a command that must succeed prints."""
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    def status(self, use_case: str) -> dict[str, Any]:
        """Where a use case stands."""
        return json.loads(self.mlops("status", use_case, "--json").splitlines()[-1])[use_case]

    def edit(self, file: Path, name: str, *changes: str) -> None:
        """Keep a use case under a name of our own, with `key=value` changes and training made quick."""
        merged = OmegaConf.merge(OmegaConf.load(file), OmegaConf.from_dotlist([*QUICK, *changes]))
        merged.name = name
        self.use_cases.mkdir(parents=True, exist_ok=True)
        OmegaConf.save(merged, self.use_cases / f"{name}.yaml")

    @contextmanager
    def router(self) -> Iterator[None]:
        """The router as a child process, until it has a model."""
        settings = read_settings()
        live = router_service(settings)
        ready = Service(live.name, live.command, live.probe.replace("livez", "readyz"), live.page)
        with running([ready], self.root / "logs", READY_S, lambda line: None):
            yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in ("DAGSTER_HOME", "MLFLOW_DISABLE_TELEMETRY", "GX_ANALYTICS_ENABLED"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("MLOPS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MLOPS_ROUTER_PORT", str(free_port()))
    monkeypatch.setattr("mlops_assets.cli.router_client.READY_S", READY_S)
    return Home(tmp_path / "home")


@pytest.fixture
def deliveries() -> Path:
    """The folder of delivery and trip data."""
    folder = SHARED / "deliveries"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there; this story needs real data")
    return folder
