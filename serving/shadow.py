"""The version that did not answer scores off the request's path: what it says is evidence, and no caller waits for it.

Evidence may be lost, an answer never: where more than WAITING_MAX rows wait the oldest go, and a row that a version
cannot score stays without its value. A killed process leaves such rows too; `rescore_missing` takes them up again.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from mlops_assets.bundle.errors import InputError
from resources.state.database import State
from resources.state.log_writer import LogWriteError
from resources.state.prediction import Side, Value
from resources.state.predictions import unscored
from serving.models import Arms, Served
from serving.scorer import say

WAITING_MAX = 20_000
BATCH_ROWS = 256  # a transaction of a few milliseconds, so that requests do not wait long for theirs
GATHER_S = 0.1
AGAIN_S = 1.0
CLOSE_S = 5.0
TELL_EVERY_S = 60.0
log = logging.getLogger(__name__)


class Item(NamedTuple):
    """A logged row, and the version that should still score it."""

    prediction_id: str
    served: Served
    side: Side
    features: dict[str, Any]


class ShadowScorer:
    """A thread that scores what waits, a batch for each version, and writes the values.

    Parameters
    ----------
    fill : callable
        `PredictionLog.fill`: takes a side and a list of (prediction_id, value).

    Attributes
    ----------
    scored, dropped, failed : int
        Rows that got their value; that went because too many waited; that their version could not score.
    """

    def __init__(self, fill: Callable[[Side, list[tuple[str, Value]]], None], waiting_max: int = WAITING_MAX) -> None:
        self.scored = self.dropped = self.failed = 0
        self._fill = fill
        self._items: deque[Item] = deque()
        self._waiting_max = waiting_max
        self._guard = threading.Lock()
        self._told: dict[int, float] = {}
        self._work = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)
        self._thread.start()

    def put(self, items: Iterable[Item]) -> None:
        """Have rows scored soon; returns at once."""
        with self._guard:
            self._items.extend(items)
            self._shorten()
        self._work.set()

    def waiting(self) -> int:
        """Rows that are not scored yet."""
        return len(self._items)

    def rescore_missing(self, state: State, use_case: str, arms: Arms) -> int:
        """Take up the newest rows of the pair that is served now where one value is missing; how many.

        Call it at the start, for a use case whose rows both versions score.
        """
        if arms.champion is None or arms.challenger is None:
            return 0
        served = {"champion": arms.champion, "challenger": arms.challenger}
        versions = (arms.champion.version, arms.challenger.version)
        with state.read() as connection:
            rows = unscored(connection, use_case, *versions, limit=self._waiting_max)
        self.put(Item(row.prediction_id, served[row.side], row.side, row.features) for row in reversed(rows))
        return len(rows)

    def close(self) -> None:
        """Score what waits, for at most CLOSE_S, and end the thread."""
        self._closing.set()
        self._work.set()
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        until = None
        while until is None or (self._items and time.monotonic() < until):
            self._work.wait()
            self._work.clear()
            if self._closing.wait(GATHER_S):
                until = until or time.monotonic() + CLOSE_S
                self._work.set()
            while batch := self._take():
                if not self._finish(batch):
                    self._work.set()
                    time.sleep(AGAIN_S)
                    break

    def _take(self) -> list[Item]:
        with self._guard:
            return [self._items.popleft() for _ in range(min(BATCH_ROWS, len(self._items)))]

    def _finish(self, batch: list[Item]) -> bool:
        """Score and write a batch; False when the log does not take values now, so that the rows wait on."""
        by_version: dict[tuple[Side, Served], list[Item]] = {}
        for item in batch:
            by_version.setdefault((item.side, item.served), []).append(item)
        groups = list(by_version.values())
        for place, items in enumerate(groups):
            values = self._score(items)
            try:
                self._fill(items[0].side, values)
            except Exception as error:  # noqa: BLE001 - this thread must outlive every value
                if isinstance(error, LogWriteError) and not error.refused:
                    log.warning("values of the version that did not answer wait: %s", error)
                    self._give_back([item for group in groups[place:] for item in group])
                    return False
                self._tell(items[0].served.version, error)
                values = []
            self.scored += len(values)
            self.failed += len(items) - len(values)
        return True

    def _give_back(self, items: Sequence[Item]) -> None:
        with self._guard:
            self._items.extendleft(reversed(items))
            self._shorten()

    def _shorten(self) -> None:
        while len(self._items) > self._waiting_max:
            self._items.popleft()
            self.dropped += 1

    def _score(self, items: list[Item]) -> list[tuple[str, Value]]:
        """(prediction_id, value) of the rows that the version could score."""
        try:
            values, _ = say(items[0].served, [item.features for item in items])
        except InputError:  # a row does not fit this version's schema; halves find it without asking about each
            half = len(items) // 2
            return self._score(items[:half]) + self._score(items[half:]) if half else []
        except Exception as error:  # noqa: BLE001 - whatever a version raises, it costs nobody an answer
            self._tell(items[0].served.version, error)
            return []
        return [(item.prediction_id, value) for item, value in zip(items, values, strict=True) if value is not None]

    def _tell(self, version: int, error: Exception) -> None:
        if time.monotonic() >= self._told.get(version, 0.0):
            self._told[version] = time.monotonic() + TELL_EVERY_S
            log.error("version %d cannot score beside the one that answers: %s", version, error, exc_info=error)
