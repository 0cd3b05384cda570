"""Forty seeded shifts of a small world: twenty that leave a champion's loss as it was, twenty that raise it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops_assets.spec import UseCase

Rng = np.random.Generator
NOISE = 0.12  # share of labels that nobody can foresee, the same everywhere
MINUTES = 3.0  # standard deviation of what nobody can foresee of a number, the same everywhere
SEEDS = 4  # of each kind

SPEC: dict[str, Any] = {
    "name": "world",
    "description": "three columns and a segment that matter, three columns that do not",
    "format": {"kind": "parquet"},
    "columns": {
        **{name: {"kind": "numeric"} for name in ("a", "b", "c", "idle", "still")},
        "segment": {"kind": "category"},
        "colour": {"kind": "category"},
    },
    "retrain": {"when": "harm", "batches": 6},
}
PARTS: dict[str, dict[str, Any]] = {
    "classification": {
        "columns": {**SPEC["columns"], "y": {"kind": "category"}},
        "training": {"metric": "accuracy"},
        "decision": {"loss": "zero_one"},
    },
    "regression": {
        "columns": {**SPEC["columns"], "y": {"kind": "numeric"}},
        "training": {"metric": "mae"},
        "decision": {"loss": "absolute", "loss_max": 60},
    },
}


def use_case(task: str, **retrain: Any) -> UseCase:
    """The world as a use case, with keys of its retrain policy changed."""
    policy = {**SPEC["retrain"], **retrain}
    return UseCase.model_validate({**SPEC, "task": task, "target": "y", **PARTS[task], "retrain": policy})


def rows(rng: Rng, n: int) -> pd.DataFrame:
    """X before any shift; c repeats half of what a says."""
    a, b, rest = rng.normal(size=(3, n))
    return pd.DataFrame(
        {
            "a": a,
            "b": b,
            "c": 0.7 * a + 0.7 * rest,
            "idle": rng.lognormal(0, 0.6, n),
            "still": rng.poisson(4, n).astype(float),
            "segment": rng.choice(["u", "v"], n, p=[0.7, 0.3]),
            "colour": rng.choice(["red", "green", "blue"], n, p=[0.5, 0.3, 0.2]),
        }
    )


def signal(X: pd.DataFrame) -> Any:
    """What can be foreseen: linear in a and b, with a bend above a = 1.5 that few rows reach."""
    bend = np.where(X["a"] > 1.5, -3.0 * (X["a"] - 1.5), 0.0)
    return 1.5 * X["a"] + bend - 1.2 * X["b"] + np.where(X["segment"] == "v", 0.8, 0.0)


def labelled(X: pd.DataFrame, truth: Any, task: str, rng: Rng) -> pd.DataFrame:
    """X with its target, drawn around the signal."""
    if task == "regression":
        return X.assign(y=30 + 6 * truth + rng.normal(0, MINUTES, len(X)))
    return X.assign(y=np.where((truth > 0) != (rng.random(len(X)) < NOISE), "yes", "no"))


# Harmless: columns that do not matter, and places where the champion is as good as elsewhere.


def idle_moves(X: pd.DataFrame, rng: Rng) -> tuple[pd.DataFrame, Any]:
    """A column that does not matter grows."""
    return X.assign(idle=1.8 * X["idle"]), signal(X)


def idle_goes_missing(X: pd.DataFrame, rng: Rng) -> tuple[pd.DataFrame, Any]:
    """A column that does not matter is often missing."""
    return X.assign(still=X["still"].where(rng.random(len(X)) > 0.3)), signal(X)


def colours_change(X: pd.DataFrame, rng: Rng) -> tuple[pd.DataFrame, Any]:
    """Labels that do not matter change their shares."""
    return X.assign(colour=rng.choice(["red", "green", "blue"], len(X), p=[0.1, 0.3, 0.6])), signal(X)


def b_moves(X: pd.DataFrame, rng: Rng) -> tuple[pd.DataFrame, Any]:
    """Rows move to where the champion is as good as elsewhere."""
    moved = X.assign(b=0.8 * X["b"] + 0.5)
    return moved, signal(moved)


def segments_change(X: pd.DataFrame, rng: Rng) -> tuple[pd.DataFrame, Any]:
    """Two segments that it knows equally well change their shares."""
    moved = X.assign(segment=rng.choice(["u", "v"], len(X), p=[0.4, 0.6]))
    return moved, signal(moved)


# Harmful: another concept, a broken column, a place that training hardly knew.


def the_sign_turns(X: pd.DataFrame, rng: Rng) -> tuple[pd.DataFrame, Any]:
    """Another concept: b now means the contrary."""
    return X, signal(X) + 1.6 * X["b"]


def the_level_moves(X: pd.DataFrame, rng: Rng) -> tuple[pd.DataFrame, Any]:
    """Another concept: all rows lie higher."""
    return X, signal(X) + 0.9


def a_is_in_other_units(X: pd.DataFrame, rng: Rng) -> tuple[pd.DataFrame, Any]:
    """A column comes in other units."""
    return X.assign(a=2.5 * X["a"] + 1.0), signal(X)


def a_moves_to_where_it_bends(X: pd.DataFrame, rng: Rng) -> tuple[pd.DataFrame, Any]:
    """Rows move to where few training rows were, and the signal bends."""
    moved = X.assign(a=X["a"] + 2.2, c=X["c"] + 1.5)
    return moved, signal(moved)


def a_new_segment_has_its_own_rule(X: pd.DataFrame, rng: Rng) -> tuple[pd.DataFrame, Any]:
    """Two rows in five are of a new segment, with the contrary concept."""
    new = rng.random(len(X)) < 0.4
    moved = X.assign(segment=np.where(new, "w", X["segment"]))
    return moved, np.where(new, -signal(X), signal(X))


Move = Callable[[pd.DataFrame, Rng], tuple[pd.DataFrame, Any]]
HARMLESS: tuple[Move, ...] = (idle_moves, idle_goes_missing, colours_change, b_moves, segments_change)
HARMFUL: tuple[Move, ...] = (
    the_sign_turns,
    the_level_moves,
    a_is_in_other_units,
    a_moves_to_where_it_bends,
    a_new_segment_has_its_own_rule,
)


@dataclass(frozen=True)
class Shift:
    """One of the forty: what moves, whether that is harmful, for which task, and whether labels come a batch late."""

    move: Move
    harmful: bool
    task: str
    late: bool
    seed: int

    def batch(self, rng: Rng, n: int, shifted: bool) -> pd.DataFrame:
        """Labelled rows, before or after the shift."""
        X = rows(rng, n)
        X, truth = self.move(X, rng) if shifted else (X, signal(X))
        return labelled(X, truth, self.task, rng)


def forty() -> list[Shift]:
    """Each kind four times: two tasks, labels at once and late."""
    return [
        Shift(move, harmful, ("classification", "regression")[at % 2], at >= SEEDS // 2, 100 * kind + at)
        for harmful, moves in ((False, HARMLESS), (True, HARMFUL))
        for kind, move in enumerate(moves, start=10 * harmful)
        for at in range(SEEDS)
    ]
