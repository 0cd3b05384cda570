"""Small tables, and what is inferred from them."""

from pathlib import Path

import numpy as np
import pandas as pd

from mlops_assets.decode.table import decode_batch
from mlops_assets.spec import UseCase
from mlops_assets.use_cases.infer import Inferred, infer_use_case
from mlops_assets.use_cases.load import load_use_case
from mlops_assets.use_cases.write import commented_yaml

ROWS = 100


def drawn() -> np.random.Generator:
    """The same numbers for each who asks, whatever was drawn before."""
    return np.random.default_rng(1)


def table(**columns) -> pd.DataFrame:
    """A column to learn and one to learn from, beside those that a test is about."""
    random = np.random.default_rng(0)
    made = {"size": random.normal(10, 2, ROWS).round(3), "price": random.normal(100, 20, ROWS).round(2)}
    return pd.DataFrame(made | columns)


def csv(frame: pd.DataFrame, **options) -> bytes:
    """The table as a file."""
    return frame.to_csv(index=False, **options).encode()


def column(values, **keys) -> dict:
    """What is inferred for one column among others."""
    return infer_use_case(csv(table(x=values)), "shop", "price", **keys).values["columns"]["x"]


def loaded(inferred: Inferred, folder: Path) -> UseCase:
    """The use case, written into the folder and read again."""
    path = folder / f"{inferred.name}.yaml"
    path.write_text(commented_yaml(inferred), encoding="utf-8")
    return load_use_case(path)


def bad_share(data: bytes, use_case: UseCase) -> float:
    """Share of rows that the row rules would send to quarantine."""
    frame = decode_batch(data, use_case)
    bad = frame["_unparsable"].notna()
    for name, spec in use_case.columns.items():
        values = frame[name]
        bad |= values.isna() if not spec.nullable else False
        bad |= values < spec.min if spec.min is not None else False
        bad |= values > spec.max if spec.max is not None else False
        bad |= ~values.isin(spec.allowed) & values.notna() if spec.allowed is not None else False
    return float(bad.mean())
