"""Waiting for what another thread or process brings about."""

import threading
from collections.abc import Callable

PATIENCE_S = 300.0  # of a machine that others use as well; moments are usual
LOOK_S = 0.01


def wait_until(holds: Callable[[], object], every_s: float = LOOK_S) -> None:
    """Return as soon as it holds.

    Raises
    ------
    AssertionError
        If it did not come to pass within PATIENCE_S.
    """
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / every_s)):
        if holds():
            return
        pause.wait(every_s)
    raise AssertionError(f"it did not come to pass within {PATIENCE_S:.0f} s")
