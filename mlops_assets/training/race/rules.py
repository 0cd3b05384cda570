"""What stays the same over a race of policies."""

from collections.abc import Callable
from dataclasses import dataclass
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mlops_assets.spec.race import RacePolicy
from mlops_assets.training.budget import Stopwatch

# (pipeline, X, y) -> loss of each row
Losses = Callable[[Pipeline, Any, NDArray[Any]], NDArray[np.float64]]


@dataclass(frozen=True)
class Rules:
    """What stays the same over a race.

    Attributes
    ----------
    recipe : Pipeline
        Fitted or not; every policy's model is a fit of its clone, or learns on from one.
    family : str
        Of its model.
    policy : RacePolicy
    losses : callable
        The loss that the race is about.
    unseen_max : float
        Share of rows that may have a category new to a model that learns on.
    stopwatch : callable
        Measures `policy.budget_s`.
    """

    recipe: Pipeline
    family: str
    policy: RacePolicy
    losses: Losses
    unseen_max: float
    random_state: int = 0
    stopwatch: Stopwatch = process_time
