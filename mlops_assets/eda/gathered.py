"""What is kept of a table while its parts are read: exact counts, and a uniform sample of whole rows."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.spec import UseCase

SAMPLE_MAX = 20_000  # a quantile of so many rows is off by 0.35 percentage points (one standard error of the median)


@dataclass(frozen=True, eq=False)
class Gathered:
    """Rows read, missing values by column, and the sample.

    sample : at most SAMPLE_MAX rows, each row having had the same chance;  priority : their random numbers, ascending
    """

    rows: int
    missing: dict[str, int]
    sample: pd.DataFrame
    priority: NDArray[np.float64]

    @property
    def is_sampled(self) -> bool:
        """True where the sample is not all rows."""
        return len(self.sample) < self.rows


def gather(frames: Iterable[pd.DataFrame], use_case: UseCase, random_state: int = 0) -> Gathered:
    """The parts together, in memory that does not grow with their rows.

    Notes
    -----
    Each row draws a random number and those with the lowest stay, as in `drift.digest`: bottom-k sampling, Cohen &
    Kaplan, PODC (2007).
    """
    rng = np.random.default_rng(random_state)
    found = Gathered(0, dict.fromkeys(use_case.columns, 0), pd.DataFrame(), np.empty(0))
    for frame in frames:
        found = _with(found, frame[[name for name in use_case.columns if name in frame.columns]], rng)
    return found


def _with(found: Gathered, frame: pd.DataFrame, rng: np.random.Generator) -> Gathered:
    drawn = rng.random(len(frame))
    limit = found.priority[-1] if len(found.priority) == SAMPLE_MAX else 1.0
    places = np.flatnonzero(drawn < limit)
    parts = [part for part in (found.sample, frame.iloc[places]) if len(part)]
    joined = pd.concat(parts, ignore_index=True) if parts else frame.iloc[:0]
    priority = np.concatenate([found.priority, drawn[places]])
    kept = np.argsort(priority, kind="stable")[:SAMPLE_MAX]
    absent = dict.fromkeys(found.missing, len(frame))
    missing = absent | {str(name): int(count) for name, count in frame.isna().sum().items()}
    return Gathered(
        rows=found.rows + len(frame),
        missing={name: count + missing[name] for name, count in found.missing.items()},
        sample=joined.iloc[kept].reset_index(drop=True),
        priority=priority[kept],
    )
