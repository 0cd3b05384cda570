"""Write the statistical twin of Wine Quality that the demo draws its rows from.

    python scripts/make_wine_twin.py FOLDER [OUT]

FOLDER holds winequality-red.csv and winequality-white.csv. Of each colour and quality the twin keeps the number of
rows, the mean, the standard deviation and some quantiles of each measurement, and the correlations of their normal
scores; no row is kept. Groups of few rows borrow correlations from their whole colour.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

OUT = Path(__file__).resolve().parents[1] / "mlops_assets" / "demo" / "wine_twin.json"
TARGET = "quality"
DECIMALS = {
    "fixed acidity": 1,
    "volatile acidity": 2,
    "citric acid": 2,
    "residual sugar": 1,
    "chlorides": 3,
    "free sulfur dioxide": 0,
    "total sulfur dioxide": 0,
    "density": 4,
    "pH": 2,
    "sulphates": 2,
    "alcohol": 1,
}
LEVELS = [0, 0.001, 0.01, 0.025, *np.arange(1, 20).round(2) / 20, 0.975, 0.99, 0.999, 1]
BORROWED_ROWS = 50  # a group of this size takes half of its correlations from its colour
EIGENVALUE_MIN = 0.01
ABOUT = (
    "Synthetic: a statistical description of Wine Quality, not its rows. Rows drawn from it resemble Vinho Verde in "
    "the spread and correlation of eleven measurements per colour and quality, and describe no wine that exists."
)
SOURCE = (
    "Made by scripts/make_wine_twin.py from Wine Quality: Cortez, Cerdeira, Almeida, Matos, Reis, Modeling wine "
    "preferences by data mining from physicochemical properties, Decision Support Systems 47(4), 2009."
)


def main(folder: Path, out: Path = OUT) -> None:
    """Read the two files of `folder`, write the twin to `out`."""
    twin = {"about": ABOUT, "source": SOURCE, "target": TARGET, "decimals": DECIMALS, "levels": LEVELS}
    twin["colours"] = {
        colour: describe(pd.read_csv(folder / f"winequality-{colour}.csv", sep=";").drop_duplicates())
        for colour in ("red", "white")
    }
    out.write_text(json.dumps(twin) + "\n", encoding="utf-8")


def describe(frame: pd.DataFrame) -> dict[str, Any]:
    """Range of each measurement, and one description per quality."""
    X = frame[list(DECIMALS)]
    scores = normal_scores(X.groupby(frame[TARGET]))
    pooled = np.corrcoef(scores.to_numpy(), rowvar=False)
    groups = {}
    for quality, rows in X.groupby(frame[TARGET]):
        weight = len(rows) / (len(rows) + BORROWED_ROWS)
        own = np.corrcoef(scores.loc[rows.index].to_numpy(), rowvar=False)
        groups[str(quality)] = {
            "count": len(rows),
            "mean": rounded(rows.mean()),
            "std": rounded(rows.std(ddof=0)),
            "quantiles": [rounded(rows[name].quantile(LEVELS)) for name in DECIMALS],
            "correlation": upper(repaired(weight * own + (1 - weight) * pooled)),
        }
    return {"min": rounded(X.min()), "max": rounded(X.max()), "groups": groups}


def normal_scores(groups: Any) -> pd.DataFrame:
    """Ranks within each group, as standard normal quantiles."""
    ranks = groups.rank()
    sizes = groups.transform("size").to_numpy()[:, None]
    return pd.DataFrame(stats.norm.ppf(ranks.to_numpy() / (sizes + 1)), ranks.index, ranks.columns)


def repaired(correlation: NDArray[np.float64]) -> NDArray[np.float64]:
    """The correlation with its smallest eigenvalues raised, so that it stays positive definite when rounded."""
    values, vectors = np.linalg.eigh(correlation)
    raised = vectors @ np.diag(np.maximum(values, EIGENVALUE_MIN)) @ vectors.T
    scale = np.sqrt(np.diag(raised))
    unit: NDArray[np.float64] = raised / scale / scale[:, None]
    return unit


def upper(correlation: NDArray[np.float64]) -> list[float]:
    """Entries above the diagonal, row by row."""
    return [round(float(value), 4) for value in correlation[np.triu_indices(len(correlation), 1)]]


def rounded(values: pd.Series) -> list[float]:
    """Five significant digits."""
    return [float(f"{value:.5g}") for value in values]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
