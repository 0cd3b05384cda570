"""A browser, where this machine has one."""

import shutil
from collections.abc import Iterator

import pytest
from stage import NAMES, launch


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """The system's Chromium without a window; tests are skipped where it is not installed."""
    if not any(map(shutil.which, NAMES)):
        pytest.skip(f"no browser here: none of {', '.join(NAMES)} is installed")
    with launch() as browser:
        yield browser
