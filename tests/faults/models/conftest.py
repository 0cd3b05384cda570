"""A router that serves version 1, which answers 5; nobody follows anything unless a test starts it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from constant_models import write_constant
from stages import NAME, Stage, make_champion, trusting

from serving.router import Router, open_router


@pytest.fixture(scope="session")
def bundles(tmp_path_factory) -> dict[int, Path]:
    """Bundles by what they always answer."""
    folder = tmp_path_factory.mktemp("bundles")
    return {answer: write_constant(folder / str(answer), answer) for answer in (5, 6)}


@pytest.fixture
def stage(bundles, tmp_path) -> Iterator[Stage]:
    """Version 1 answers 5 and is champion by row and alias."""
    stage = Stage(tmp_path)
    stage.register(1, bundles[5], "champion")
    make_champion(stage, 1, None)
    yield stage
    stage.state.close()


@pytest.fixture
def served(stage) -> Iterator[Router]:
    """A router that serves version 1; its threads follow nothing."""
    router = open_router(stage.use_cases, stage.state, stage.models(probe=trusting))
    router.models.refresh()
    assert router.models.of(NAME).champion.version == 1
    yield router
    router.close()
