import numpy as np
import pandas as pd
import pytest

from mlops_assets.spec import UseCase


@pytest.fixture(scope="session")
def use_case():
    """Two numbers, a category, a text, a calendar position and an id, to tell good from bad."""
    return UseCase.model_validate(
        {
            "name": "toy",
            "description": "toy",
            "task": "classification",
            "target": "label",
            "format": {"kind": "parquet"},
            "columns": {
                "key": {"kind": "id"},
                "size": {"kind": "numeric"},
                "weight": {"kind": "numeric"},
                "colour": {"kind": "category"},
                "note": {"kind": "text"},
                "seen": {"kind": "datetime"},
                "weekday": {"kind": "numeric", "derive": {"take": "weekday", "of": ["seen"]}},
                "label": {"kind": "numeric"},
            },
            "training": {"metric": "accuracy"},
            "decision": {"loss": "zero_one"},
        }
    )


@pytest.fixture(scope="session")
def draw():
    """Rows of the toy: `draw(n, seed)`."""

    def rows(n: int, seed: int) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        return pd.DataFrame(
            {
                "key": [str(number) for number in range(n)],
                "size": rng.normal(10, 2, n),
                "weight": np.where(rng.random(n) < 0.1, np.nan, rng.exponential(1, n)),
                "colour": rng.choice(["red", "green", "blue"], n, p=[0.5, 0.3, 0.2]),
                "note": [" ".join(["word"] * count) for count in rng.poisson(3, n) + 1],
                "weekday": np.full(n, float(seed % 7)),
                "label": rng.choice([0.0, 1.0], n),
            }
        )

    return rows
