"""A landing zone of its own: one use case, a fresh home, a ledger, and a clock that only tests move."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from zones import SPEC

from mlops_assets.spec import UseCase
from resources.landing.scan import Scan, scan
from resources.settings import Settings
from resources.state import ledger, sightings
from resources.state.database import State, metadata

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


@dataclass
class Zone:
    home: Path
    settings: Settings
    state: State
    now: datetime = NOW
    rules: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.home / "landing" / "parcels"

    @property
    def use_case(self) -> UseCase:
        return UseCase.model_validate(SPEC | {"landing": {"quiet_s": 2.0} | self.rules})

    def put(self, name: str, content: str | bytes = "weight,minutes\n1,2\n", age_s: float = 60) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.age(path, age_s)
        return path

    def age(self, path: Path, age_s: float) -> None:
        moment = self.now.timestamp() - age_s
        os.utime(path, (moment, moment))

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def look(self) -> Scan:
        return scan(self.use_case, self.settings, self.state, lambda: self.now)

    def batches(self) -> list[ledger.Batch]:
        with self.state.read() as connection:
            return ledger.pending(connection, "parcels")

    def outcomes(self) -> dict[str, int]:
        with self.state.read() as connection:
            return sightings.outcomes(connection, "parcels")

    def staged(self) -> list[str]:
        folder = self.home / "lake" / "parcels" / "staged"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


@pytest.fixture
def zone(tmp_path: Path) -> Iterator[Zone]:
    settings = Settings(home=tmp_path)
    state = State(settings.state_address)
    metadata.create_all(state.engine)
    made = Zone(tmp_path, settings, state)
    made.folder.mkdir(parents=True)
    yield made
    state.close()
