"""How long models take for one row, compared on the same rows in turns, so that a busy machine is busy for all."""

import statistics
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from mlops_assets.bundle.errors import InputError

ROUNDS = 3


class Answers(Protocol):
    """What is asked of a bundle."""

    def answer_rows(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """Answers to plain rows."""


def row_seconds(models: Sequence[Answers], rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """Median seconds of each model for a row alone, the best of a few rounds for each row; 0 without rows.

    The best of several rounds is what a model takes when nobody interrupts it. A row that one refuses is left out.
    """
    best: list[list[float]] = [[] for _ in models]
    for row in rows:
        try:
            took = [[_seconds(model, row) for model in models] for _ in range(ROUNDS)]
        except InputError:
            continue
        for place, times in enumerate(zip(*took, strict=True)):
            best[place].append(min(times))
    return [statistics.median(times) if times else 0.0 for times in best]


def _seconds(model: Answers, row: Mapping[str, Any]) -> float:
    began = time.perf_counter()
    model.answer_rows([row])
    return time.perf_counter() - began
