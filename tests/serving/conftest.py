"""A router over a fresh database and a registry of folders; threads follow nothing unless a test starts them."""

import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import flask_openapi3.utils
import pytest
from fake_models import FolderRegistry, load_fake, probe_fake, verify_fake
from flask.testing import FlaskClient

from mlops_assets.spec import UseCase
from mlops_assets.use_cases.load import load_use_cases
from resources.state.database import State, metadata
from serving.app import create_app
from serving.copies import Copies
from serving.models import Models
from serving.router import Router, open_router, utc_now
from serving.wanted import Rows


@pytest.fixture(scope="session", autouse=True)
def schemas_once() -> Iterator[None]:
    """The JSON schema of each model is made once: hundreds of tests make an application of the same routes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flask_openapi3.utils, "get_model_schema", cache(flask_openapi3.utils.get_model_schema))
        yield


@pytest.fixture(scope="session", autouse=True)
def patient_with_disks() -> Iterator[None]:
    """A disk that others keep busy for some seconds makes the prediction log refuse nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("resources.state.disk_sync.LATE_S", 300.0)
        yield


@pytest.fixture(scope="session")
def use_cases() -> dict[str, UseCase]:
    return load_use_cases()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State(f"sqlite:///{tmp_path / 'state.db'}")
    metadata.create_all(state.engine)
    yield state
    state.close()


@pytest.fixture
def registry(tmp_path: Path) -> FolderRegistry:
    """Wine: champion 1 answers 5, challenger 2 answers 6. Deliveries: nothing."""
    registry = FolderRegistry(tmp_path / "registry")
    registry.add("wine_quality", 1, "champion", value=5, classes=[5, 6])
    registry.add("wine_quality", 2, "challenger", value=6, classes=[5, 6])
    return registry


@pytest.fixture
def make_models(
    use_cases: dict[str, UseCase], registry: FolderRegistry, state: State, tmp_path: Path
) -> Callable[..., Models]:
    def make(clock: Callable[[], float] = time.monotonic, **parts: Any) -> Models:
        """Models over fake bundles; `parts` replaces parts of their copies."""
        fake = {"verify": verify_fake, "probe": probe_fake, "load": load_fake}
        copies = Copies(tmp_path / "bundles", registry, **(fake | parts))
        return Models(use_cases, copies, Rows(use_cases, state, utc_now, reread_s=0.0), clock)

    return make


@pytest.fixture
def router(use_cases: dict[str, UseCase], state: State, make_models: Callable[..., Models]) -> Iterator[Router]:
    router = open_router(use_cases, state, make_models())
    router.models.refresh()
    yield router
    router.close()


@pytest.fixture
def client(router: Router) -> FlaskClient:
    return create_app(router).test_client()
