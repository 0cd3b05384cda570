"""Commands run in this process, on a home of their own."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tiny_loop import challenged_home, copy_home, open_tiny

from mlops_assets.cli.main import main
from resources.mlflow_client import BRIEF_HTTP

EXPORTED = ("MLOPS_ROUTER_PORT", "DAGSTER_HOME", "MLFLOW_DISABLE_TELEMETRY", "GX_ANALYTICS_ENABLED")


@dataclass(frozen=True)
class Done:
    """Exit code, and the lines on standard output and standard error."""

    code: int
    out: list[str]
    err: list[str]


@pytest.fixture
def mlops(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Done]:
    monkeypatch.setenv("MLOPS_HOME", str(tmp_path / "home"))
    for name in EXPORTED:  # the commands set these for their children; the tests after this one must not see them
        monkeypatch.setenv(name, "5050")
    for name in BRIEF_HTTP:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)

    def mlops(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["mlops", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Done(int(ended.value.code or 0), captured.out.splitlines(), captured.err.splitlines())

    return mlops


@pytest.fixture
def empty(tmp_path: Path):
    """An installation in the home of the commands, before anything landed."""
    installation = open_tiny(tmp_path / "home")
    (installation.settings.root / ".ready").touch()  # Dagster's and MLflow's databases come with the first use
    yield installation
    installation.state.close()


@pytest.fixture
def challenged(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path):
    """An installation in the home of the commands, where version 2 is under test against version 1."""
    installation = open_tiny(copy_home(challenged_home(tmp_path_factory.getbasetemp()), tmp_path / "home"))
    (installation.settings.root / ".ready").touch()
    yield installation
    installation.state.close()
