"""Seconds that may be spent, measured with a stopwatch that is passed in."""

from collections.abc import Callable

Stopwatch = Callable[[], float]


class Budget:
    """A span of seconds that starts when it is made.

    Parameters
    ----------
    seconds : float
        Length of the span.
    stopwatch : callable
        Seconds since any fixed moment, such as `time.perf_counter` or `time.process_time`.
    """

    def __init__(self, seconds: float, stopwatch: Stopwatch) -> None:
        self.seconds = seconds
        self.stopwatch = stopwatch
        self.started = stopwatch()

    @property
    def spent(self) -> float:
        """Seconds since the start."""
        return self.stopwatch() - self.started

    @property
    def left(self) -> float:
        """Seconds to the end, negative after it."""
        return self.seconds - self.spent

    def without(self, seconds: float) -> "Budget":
        """A budget that starts now and ends `seconds` before this one."""
        return Budget(max(0.0, self.left - seconds), self.stopwatch)

    def part(self, share: float) -> "Budget":
        """A budget that starts now and ends when `share` of what is left of this one is spent."""
        return Budget(max(0.0, self.left * share), self.stopwatch)
