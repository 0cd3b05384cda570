"""A table without drift, and the shifts that are done to it: eleven correlated columns of five kinds."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from mlops_assets.spec import UseCase

NUMERIC = ("normal_a", "normal_b", "normal_c", "normal_d", "log_a", "log_b", "zeros_a", "zeros_b", "whole_a", "whole_b")
CATEGORY = "label"
RELATED = 0.6  # correlation of neighbouring columns before their shapes are applied
ZEROS = 0.25  # latent values below it are zero: six in ten
SHARES = np.array([0.4, 0.3, 0.15, 0.08, 0.04, 0.02, 0.007, 0.003])  # of the labels, rare ones among them
MISSING = {"normal_b": 0.02}  # share of missing values

Rows = NDArray[np.float64]
Shift = Callable[[pd.DataFrame, Rows, np.random.Generator], pd.DataFrame]


def use_case() -> UseCase:
    """A regression on these columns; its target is one of them."""
    columns = {name: {"kind": "numeric"} for name in NUMERIC} | {CATEGORY: {"kind": "category"}}
    return UseCase.model_validate(
        {
            "name": "population",
            "description": "columns without a meaning",
            "task": "regression",
            "target": NUMERIC[-1],
            "format": {"kind": "parquet"},
            "columns": columns,
            "training": {"metric": "mae"},
            "decision": {"loss": "absolute"},
        }
    )


def draw_latent(rng: np.random.Generator, n: int) -> Rows:
    """Standard normal rows whose neighbouring columns are correlated, shape (n, 11)."""
    noise = rng.normal(size=(n, len(NUMERIC) + 1))
    latent = noise.copy()
    for at in range(1, latent.shape[1]):
        latent[:, at] = RELATED * latent[:, at - 1] + np.sqrt(1 - RELATED**2) * noise[:, at]
    return latent


def shaped(latent: Rows, rng: np.random.Generator) -> pd.DataFrame:
    """Columns of the population from latent rows."""
    columns = {name: latent[:, at] for at, name in enumerate(NUMERIC)}
    for name in ("log_a", "log_b"):
        columns[name] = np.exp(columns[name])
    for name in ("zeros_a", "zeros_b"):
        columns[name] = np.where(columns[name] < ZEROS, 0.0, np.exp(columns[name]))
    for name in ("whole_a", "whole_b"):
        columns[name] = np.floor(np.exp(1 + columns[name] / 2))
    for name, share in MISSING.items():
        columns[name] = np.where(rng.random(len(latent)) < share, np.nan, columns[name])
    codes = np.searchsorted(np.cumsum(SHARES)[:-1], special.ndtr(latent[:, -1]))
    return pd.DataFrame(columns).assign(**{CATEGORY: np.array(list("abcdefgh"), dtype=object)[codes]})


def draw(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Rows without drift."""
    return shaped(draw_latent(rng, n), rng)


SPREADS = draw(np.random.default_rng(0), 100_000)[list(NUMERIC)].std()
TOP = {"normal_a": 1.645, "log_a": float(np.exp(1.645))}  # 95 % quantiles


def _add(name: str) -> Shift:
    return lambda frame, latent, rng: frame.assign(**{name: frame[name] + 0.5 * SPREADS[name]})


def _add_everywhere(frame: pd.DataFrame, latent: Rows, rng: np.random.Generator) -> pd.DataFrame:
    moved = frame.copy()
    for name in NUMERIC:
        step = 0.2 * SPREADS[name]
        if name.startswith("whole"):
            moved[name] = np.floor(frame[name] + step + rng.random(len(frame)))  # stays whole
        elif name.startswith("zeros"):
            moved[name] = frame[name] + np.where(frame[name] > 0, step, 0.0)  # zeros stay
        else:
            moved[name] = frame[name] + step
    return moved


def _spread(name: str) -> Shift:
    def wider(frame: pd.DataFrame, latent: Rows, rng: np.random.Generator) -> pd.DataFrame:
        return frame.assign(**{name: frame[name].mean() + np.sqrt(1.5) * (frame[name] - frame[name].mean())})

    return wider


def _double_top(name: str) -> Shift:
    return lambda frame, latent, rng: frame.assign(
        **{name: frame[name].where(frame[name] <= TOP[name], 2 * frame[name])}
    )


def _shuffle(frame: pd.DataFrame, latent: Rows, rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame({name: rng.permutation(frame[name].to_numpy()) for name in frame})


def _lose(name: str) -> Shift:
    return lambda frame, latent, rng: frame.assign(**{name: frame[name].mask(rng.random(len(frame)) < 0.05)})


def _rename(frame: pd.DataFrame, latent: Rows, rng: np.random.Generator) -> pd.DataFrame:
    return frame.assign(**{CATEGORY: frame[CATEGORY].mask(rng.random(len(frame)) < 0.03, "new")})


# what is done, to a batch of how many rows, and the power that is asked for: None where none is
SHIFTS: dict[str, tuple[Shift, int, float | None]] = {
    "half a sd in one normal column": (_add("normal_a"), 200, 0.9),
    "half a sd in one log-normal column": (_add("log_a"), 200, 0.9),
    "a fifth of a sd in all columns": (_add_everywhere, 200, 0.8),
    "a fifth of a latent sd in all": (lambda frame, latent, rng: shaped(latent + 0.2, rng), 200, None),
    "variance x 1.5, normal": (_spread("normal_a"), 500, 0.8),
    "variance x 1.5, log-normal": (_spread("log_a"), 500, 0.8),
    "top 5 % doubled, normal": (_double_top("normal_a"), 500, 0.8),
    "top 5 % doubled, log-normal": (_double_top("log_a"), 500, 0.8),
    "correlation removed": (_shuffle, 500, 0.8),
    "5 points more missing, 0 before": (_lose("normal_c"), 500, 0.8),
    "5 points more missing, 2 before": (_lose("normal_b"), 500, 0.8),
    "a new label at 3 %": (_rename, 200, 0.8),
}
