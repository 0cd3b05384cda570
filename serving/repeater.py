"""A background thread that repeats one action, whatever happened the last time."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Repeater:
    """Runs `action` every `interval_s` seconds in a daemon thread until it is stopped."""

    def __init__(self, name: str, action: Callable[[], object], interval_s: float) -> None:
        self._action = action
        self._interval_s = interval_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; the first run is at once."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End after the current run, waiting for it at most `timeout_s`."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._action()
            except Exception:
                log.exception("%s failed and will be tried again", self._thread.name)
            self._stopped.wait(self._interval_s)
