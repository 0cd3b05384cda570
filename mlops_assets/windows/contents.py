"""The rows of a window in an order that does not depend on how they arrived, and their hash."""

import hashlib

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.windows.placing import window_starts
from mlops_assets.windows.tumbling import Window


def rows_within(frame: pd.DataFrame, time: str, window: Window) -> pd.DataFrame:
    """The rows whose event time, the column `time`, lies in the window."""
    start = np.datetime64(window.start.replace(tzinfo=None), "ns")
    return frame[(window_starts(frame[time], window.length) == start).to_numpy()]


def in_order(frame: pd.DataFrame, time: str) -> pd.DataFrame:
    """The rows by event time, equal times by the hash of the row; the index counts from 0."""
    order = np.lexsort((_hashes(frame), frame[time].to_numpy()))
    return frame.iloc[order].reset_index(drop=True)


def content_hash(frame: pd.DataFrame) -> str:
    """SHA-256 over names, number and values of the rows in their order."""
    digest = hashlib.sha256("\0".join([str(len(frame)), *map(str, frame.columns)]).encode())
    digest.update(_hashes(frame).tobytes())
    return digest.hexdigest()


def _hashes(frame: pd.DataFrame) -> NDArray[np.uint64]:
    """A 64-bit hash of each row's values, shape (n_rows,)."""
    hashes: NDArray[np.uint64] = pd.util.hash_pandas_object(frame, index=False).to_numpy(dtype=np.uint64)
    return hashes
