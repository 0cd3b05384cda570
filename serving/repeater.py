"""A background thread that repeats one action, whatever happened the last time."""

import logging
import threading
from collections.abc import Callable

DOUBLINGS_MAX = 16
log = logging.getLogger(__name__)


class Repeater:
    """Runs `action` every `interval_s` seconds in a daemon thread until it is stopped.

    While it fails, the pause doubles up to `slowest_s`, so that what is out of reach is not asked in vain all the time.
    """

    def __init__(self, name: str, action: Callable[[], object], interval_s: float, slowest_s: float = 5.0) -> None:
        self._action = action
        self._interval_s = interval_s
        self._slowest_s = max(slowest_s, interval_s)
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

    def pause_s(self, failures: int) -> float:
        """Seconds until the next run after so many failures in a row."""
        return min(self._interval_s * 2.0 ** min(failures, DOUBLINGS_MAX), self._slowest_s)

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                self._action()
                failures = 0
            except Exception as error:  # this thread must outlive every failure of what it repeats; each is told
                failures += 1
                first = failures == 1
                log.warning("%s failed, next try in %g s: %s", *self._said(failures, error), exc_info=first)
            self._stopped.wait(self.pause_s(failures))

    def _said(self, failures: int, error: Exception) -> tuple[str, float, str]:
        return self._thread.name, self.pause_s(failures), f"{type(error).__name__}: {error}"
