"""Columns of a table as what a model takes: X, y, and which rows are held out."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.spec import Column, UseCase, parse_label
from mlops_assets.spec.codes import code

BATCH = "_batch"  # column that names the batch of a row, where a table joins several


def feature_frame(frame: pd.DataFrame, use_case: UseCase) -> pd.DataFrame:
    """X: the use case's features in spec order, whatever the order of `frame` and whatever else it holds.

    Numeric columns are float64; categories are `str` or NaN, which scikit-learn reads as missing (None it does not);
    text is `str`, the empty text where it is missing. A feature that `frame` lacks is missing in every row.

    Parameters
    ----------
    frame : DataFrame
        Shape (n_samples, any).

    Returns
    -------
    DataFrame
        Shape (n_samples, n_features) with the index of `frame`.
    """
    columns = {name: _feature(frame, name, column) for name, column in use_case.features.items()}
    return pd.DataFrame(columns, index=frame.index)


def target_values(frame: pd.DataFrame, use_case: UseCase) -> NDArray[np.generic]:
    """y: int or str labels of a classification, floats of a regression, as `spec.parse_label` reads one value.

    Raises
    ------
    ValueError
        If the target's column is away, a value is missing, or a numeric label is not a whole number.
    """
    if use_case.target not in frame:
        raise ValueError(f"target: column {use_case.target!r} is not in the table; it has {', '.join(frame.columns)}")
    values = frame[use_case.target]
    if values.isna().any():
        parse_label(None, use_case)
    if use_case.columns[use_case.target].kind != "numeric":
        return np.array([code(str(value)) for value in values], dtype=str)
    numbers: NDArray[np.float64] = values.to_numpy(dtype=np.float64)
    if use_case.task == "regression":
        return numbers
    broken = numbers != np.floor(numbers)
    if broken.any():
        parse_label(numbers[broken][0], use_case)
    return numbers.astype(np.int64)


def group_values(frame: pd.DataFrame, use_case: UseCase) -> NDArray[np.object_] | None:
    """The group of each row as text, None where `training.groups` names no column.

    A row without a group is one of its own, named after its content.
    """
    name = use_case.training.groups
    if name is None:
        return None
    given = frame[name] if name in frame else pd.Series(None, index=frame.index, dtype=object)
    alone = pd.Series([f"row {share!r}" for share in _content_share(frame, use_case)], index=frame.index)
    groups: NDArray[np.object_] = given.astype(object).where(given.notna(), alone).astype(str).to_numpy(dtype=object)
    return groups


def split_holdout(frame: pd.DataFrame, use_case: UseCase) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows to train on and rows held out; a row keeps its side when later batches join it.

    With `training.order` 'random' the side is a hash of the row's content, so equal rows share a side; with
    `training.groups` a hash of the row's group, so that all of a group do. With 'time' it
    is the last share of each batch (column `_batch` where there is one, else the whole table) by the use case's time
    column, and both parts come back in time order.
    """
    if use_case.training.order == "random":
        groups = group_values(frame, use_case)
        shares = _content_share(frame, use_case) if groups is None else _hash_share(pd.Series(groups))
        held = shares < use_case.training.holdout_share
        return frame[~held], frame[held]
    ordered = frame.sort_values(str(use_case.time), kind="stable")
    batches = ordered[BATCH] if BATCH in ordered else pd.Series(0, index=ordered.index)
    position = batches.groupby(batches.to_numpy()).cumcount().to_numpy()
    size = batches.groupby(batches.to_numpy()).transform("size").to_numpy()
    late = position >= size - np.round(size * use_case.training.holdout_share)
    return ordered[~late], ordered[late]


def _feature(frame: pd.DataFrame, name: str, column: Column) -> pd.Series:
    if column.kind == "numeric":
        return pd.Series(frame.get(name, np.nan), index=frame.index, dtype=np.float64)
    given = frame[name] if name in frame else pd.Series(None, index=frame.index, dtype=object)
    present = given.notna()
    texts = given.astype(object).where(present, "" if column.kind == "text" else np.nan)
    texts[present] = texts[present].astype(str)
    return texts


def _content_share(frame: pd.DataFrame, use_case: UseCase) -> NDArray[np.float64]:
    """Hash of each row's values, spread evenly over [0, 1)."""
    columns = {}
    for name, column in use_case.read_columns.items():
        given = frame[name] if name in frame else pd.Series(None, index=frame.index, dtype=object)
        if column.kind == "numeric":
            columns[name] = given.astype(np.float64)
        elif pd.api.types.is_datetime64_any_dtype(given):
            columns[name] = _moments(given)
        else:
            columns[name] = given.astype(str).where(given.notna(), "")
    return _hash_share(pd.DataFrame(columns))


def _moments(given: pd.Series) -> pd.Series:
    """Each moment as text, the empty text where it is missing; pandas writes all of a column as fine as the finest."""
    texts, left = np.full(len(given), "", dtype=object), given.notna().to_numpy()
    for unit in ("D", "s", "ms", "us", "ns"):
        here = left & (given == given.dt.floor(unit)).to_numpy()
        texts[here] = given[here].astype(str)
        left &= ~here
    return pd.Series(texts, index=given.index)


def _hash_share(values: pd.DataFrame | pd.Series) -> NDArray[np.float64]:
    hashes: NDArray[np.uint64] = pd.util.hash_pandas_object(values, index=False).to_numpy(dtype=np.uint64)
    return np.asarray(hashes / 2.0**64)
