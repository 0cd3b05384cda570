"""A fixed-rate client: each piece of work starts when it is due, whatever became of the ones before it.

Latency counts from the moment a shot was due, not from when a thread was free for it, so that a server which stalls is
seen in every request that it made wait. A client that measures from its own start hides them: "coordinated omission",
Tene, How NOT to Measure Latency (2013).
"""

import heapq
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")
Wait = Callable[[threading.Condition, float | None], object]
TICK_S = 0.2


@dataclass(frozen=True)
class Shot(Generic[T]):
    """A piece of work and when it is due: seconds after the start of the run; None = as soon as a thread is free."""

    due_s: float | None
    item: T


@dataclass(frozen=True)
class Hit(Generic[T, R]):
    """A shot that was made: when it was due, began and ended, in seconds after the start of the run."""

    item: T
    due_s: float
    started_s: float
    ended_s: float
    reply: R

    @property
    def latency_s(self) -> float:
        """Seconds from when it was due to its reply."""
        return self.ended_s - self.due_s

    @property
    def late_s(self) -> float:
        """Seconds of these in which no thread was free for it."""
        return self.started_s - self.due_s


@dataclass(frozen=True)
class Ran:
    """How long a run took, and whether `tick` ended it before the plan did."""

    seconds: float
    interrupted: bool


def at_rate(items: Iterable[T], rate: float | None) -> Iterator[Shot[T]]:
    """Items that are due at a fixed rate a second, the first at once; None: one after the other, as fast as it goes."""
    for number, item in enumerate(items):
        yield Shot(None if rate is None else number / rate, item)


def run_load(
    plan: Iterable[Shot[T]],
    send: Callable[[T], R],
    settle: Callable[[Hit[T, R]], Iterable[Shot[T]]],
    *,
    concurrency: int,
    tick: Callable[[float], bool] = lambda _: False,
    now: Callable[[], float] = time.monotonic,
    wait: Wait = threading.Condition.wait,
) -> Ran:
    """Make every shot of the plan, and those that follow from it.

    Parameters
    ----------
    plan : shots in the order of their due times; read as the run goes on
    send : does the work, in one of `concurrency` threads; what it raises ends the run and is raised here
    settle : takes each hit, one at a time, and gives the shots that follow from it
    tick : called every TICK_S or so with the seconds since the start; True ends the run after what is under way
    """
    line = _Line(iter(plan), now, wait)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            while (taken := line.take()) is not None:
                due, item = taken
                started = line.elapsed()
                reply = send(item)
                line.settle(settle, Hit(item, due, started, line.elapsed(), reply))
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked for the run
            failures.append(error)
            line.stop()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(concurrency)]
    for thread in threads:
        thread.start()
    interrupted = False
    for thread in threads:
        while thread.is_alive():
            thread.join(TICK_S)
            if tick(line.elapsed()):
                interrupted = True
                line.stop()
    if failures:
        raise failures[0]
    return Ran(line.elapsed(), interrupted)


class _Line(Generic[T]):
    """Shots waiting for their time: one of the plan, and all that followed from earlier ones."""

    def __init__(self, plan: Iterator[Shot[T]], now: Callable[[], float], wait: Wait) -> None:
        self._plan = plan
        self._now, self._wait = now, wait
        self._began = now()
        self._turn = threading.Condition()
        self._serial = count()
        self._heap: list[tuple[float, int, bool, T]] = []
        self._flying = 0
        self._stopped = False
        self._pull()

    def elapsed(self) -> float:
        """Seconds since the start."""
        return self._now() - self._began

    def take(self) -> tuple[float, T] | None:
        """The next shot once it is due, with its due time; None when nothing is left or the run was stopped."""
        with self._turn:
            while not self._stopped and (self._heap or self._flying):
                left = self._heap[0][0] - self.elapsed() if self._heap else None
                if left is None or left > 0:
                    self._wait(self._turn, left)
                    continue
                due, _, planned, item = heapq.heappop(self._heap)
                self._flying += 1
                if planned:
                    self._pull()
                return due, item
            self._turn.notify_all()
            return None

    def settle(self, settle: Callable[[Hit[T, R]], Iterable[Shot[T]]], hit: Hit[T, R]) -> None:
        """Hand a hit over and queue what follows."""
        with self._turn:
            for shot in settle(hit):
                self._push(shot, planned=False)
            self._flying -= 1
            self._turn.notify_all()

    def stop(self) -> None:
        """Let no further shot begin."""
        with self._turn:
            self._stopped = True
            self._turn.notify_all()

    def _pull(self) -> None:
        shot = next(self._plan, None)
        if shot is not None:
            self._push(shot, planned=True)

    def _push(self, shot: Shot[T], *, planned: bool) -> None:
        due = self.elapsed() if shot.due_s is None else shot.due_s
        heapq.heappush(self._heap, (due, next(self._serial), planned, shot.item))
