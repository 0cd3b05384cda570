"""A router that also has the use case `letters`, whose documents a fake reader reads at once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_reader import FakeReader, document_use_case

from mlops_assets.spec import UseCase
from resources.lake import Lake
from resources.state.database import State
from serving.documents.documents import Documents, reading_of
from serving.models import Models
from serving.router import Router, open_router

LIMITS = {"bytes_max": 1000, "waiting_max": 1}


@pytest.fixture(scope="session")
def use_cases(use_cases: dict[str, UseCase]) -> dict[str, UseCase]:
    letters = document_use_case(use_cases["wine_quality"], **LIMITS)
    others = {name: one for name, one in use_cases.items() if reading_of(one) is None}
    return others | {letters.name: letters}


@pytest.fixture
def readers() -> list[FakeReader]:
    """Every reader that was opened."""
    return []


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def router(
    use_cases: dict[str, UseCase],
    state: State,
    make_models: Callable[..., Models],
    lake: Lake,
    readers: list[FakeReader],
) -> Iterator[Router]:
    def open_reader(reading: object) -> FakeReader:
        readers.append(FakeReader(reading))
        return readers[-1]

    router = open_router(use_cases, state, make_models(), documents=Documents(use_cases, lake, open_reader))
    router.models.refresh()
    yield router
    router.close()
