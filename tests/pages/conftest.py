"""A browser, where this machine has one."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from stage import NAMES, launch


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """The system's Chromium without a window; tests are skipped where it is not installed."""
    if not any(map(shutil.which, NAMES)):
        pytest.skip(f"no browser here: none of {', '.join(NAMES)} is installed")
    with launch() as browser:
        yield browser
