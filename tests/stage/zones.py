"""A landing zone with a ledger of its own, and programs that are run over it in processes."""

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mlops_assets.spec import UseCase
from resources.landing.scan import Scan, scan
from resources.settings import Settings
from resources.state import ledger
from resources.state.database import State, metadata

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
SPEC = {
    "name": "parcels",
    "description": "Minutes by weight.",
    "task": "regression",
    "target": "minutes",
    "format": {"kind": "delimited"},
    "columns": {"weight": {"kind": "numeric"}, "minutes": {"kind": "numeric"}},
    "training": {"metric": "mae"},
    "decision": {"loss": "absolute"},
}
ENVIRONMENT = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass
class Zone:
    """A landing zone of its own, and a clock that a test moves."""

    settings: Settings
    state: State
    now: datetime = NOW

    @property
    def folder(self) -> Path:
        return Path(self.settings.landing_root) / "parcels"

    def put(self, name: str, content: str, age_s: float = 60) -> Path:
        path = self.folder / name
        path.write_text(content)
        moment = self.now.timestamp() - age_s
        os.utime(path, (moment, moment))
        return path

    def look(self) -> Scan:
        return scan(UseCase.model_validate(SPEC), self.settings, self.state, lambda: self.now)

    def batches(self) -> list[ledger.Batch]:
        with self.state.read() as connection:
            return ledger.pending(connection, "parcels")


def run(program: str, *arguments: str, prefix: tuple[str, ...] = ()) -> str:
    """What a child process printed."""
    command = [*prefix, sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def open_zone(home: Path) -> Zone:
    """A landing zone of its own below `home`, with an empty ledger."""
    settings = Settings(home=home)
    (Path(settings.landing_root) / "parcels").mkdir(parents=True)
    state = State(settings.state_address)
    metadata.create_all(state.engine)
    return Zone(settings, state)
