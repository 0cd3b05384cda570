"""Synthetic wine: rows drawn from the embedded statistical twin of Wine Quality.

No row comes from the data set; `wine_twin.json` says what is kept of it, `scripts/make_wine_twin.py` made it.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

Colour = Literal["red", "white"]


def draw_wine(colour: Colour, n_rows: int, random_state: int) -> pd.DataFrame:
    """Synthetic rows of one colour: eleven measurements and `quality`, named, rounded and bounded as in the original.

    Parameters
    ----------
    n_rows : number of rows, at least 0
    random_state : seed; the same seed gives the same rows

    Raises
    ------
    ValueError
        If the colour is neither 'red' nor 'white'.

    Notes
    -----
    Quality is drawn by its frequency. Given colour and quality, the measurements follow a Gaussian copula: correlated
    normal values, each turned into the measurement with the same quantile (Nelsen, An Introduction to Copulas, 2006).
    """
    twin = _twin()
    if colour not in twin["colours"]:
        raise ValueError(f"colour {colour!r} is unknown; available: {', '.join(twin['colours'])}")
    described = twin["colours"][colour]
    rng = np.random.default_rng(random_state)
    counts = np.array([group["count"] for group in described["groups"].values()])
    quality = rng.choice([int(name) for name in described["groups"]], size=n_rows, p=counts / counts.sum())
    values = np.empty((n_rows, len(twin["decimals"])))
    for name, group in described["groups"].items():
        rows = quality == int(name)
        values[rows] = _draw_group(group, np.array(twin["levels"]), int(rows.sum()), rng)
    frame = pd.DataFrame(np.clip(values, described["min"], described["max"]), columns=list(twin["decimals"]))
    return frame.round(twin["decimals"]).assign(**{twin["target"]: quality})


@cache
def _twin() -> dict[str, Any]:
    text = files("mlops_assets.demo").joinpath("wine_twin.json").read_text(encoding="utf-8")
    twin: dict[str, Any] = json.loads(text)
    return twin


def _draw_group(
    group: dict[str, Any], levels: NDArray[np.float64], n_rows: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    size = len(group["quantiles"])
    above = np.zeros((size, size))
    above[np.triu_indices(size, 1)] = group["correlation"]
    factor = np.linalg.cholesky(above + above.T + np.eye(size))
    shares = special.ndtr(rng.standard_normal((n_rows, size)) @ factor.T)
    columns = [np.interp(share, levels, at) for share, at in zip(shares.T, group["quantiles"], strict=True)]
    return np.column_stack(columns)
