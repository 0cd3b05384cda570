"""An installation of a tiny use case: empty for sensors, trained for the loop; both made once and copied."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from tiny_loop import challenged_home, copy_home, open_tiny, tiny, trained_home

from resources.installation import Installation

Open = Callable[..., Installation]


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("empty") / "home"
    open_tiny(root).state.close()
    return root


@pytest.fixture
def open_empty(empty_home: Path, tmp_path: Path) -> Iterator[Open]:
    """Opens an installation without any data; keyword arguments change sections of the use case."""
    opened = []

    def open_copy(clock=None, **changes) -> Installation:
        home = tmp_path / f"home{len(opened)}"
        shutil.copytree(empty_home, home)
        opened.append(open_tiny(home, tiny(**changes), **({"clock": clock} if clock else {})))
        return opened[-1]

    yield open_copy
    for installation in opened:
        installation.state.close()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def trained(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Installation]:
    """An installation with one accepted batch and version 1 as champion."""
    installation = open_tiny(copy_home(trained_home(tmp_path_factory.getbasetemp()), tmp_path / "home"))
    yield installation
    installation.state.close()


@pytest.fixture
def tested(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Installation]:
    """An installation where version 2 is under test against version 1."""
    installation = open_tiny(copy_home(challenged_home(tmp_path_factory.getbasetemp()), tmp_path / "home"))
    yield installation
    installation.state.close()
