"""What a fine-tuned text model reads of a row: one text of all its texts and categories, and its numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from mlops_assets.spec import Value

Columns = Mapping[str, Sequence[str]]


class Reading(Value):
    """Which columns are read, and how.

    Attributes
    ----------
    texts, categories : tuple[str, ...]
        Columns that become one text: 'colour: red. a good film'. A single text without categories stays as it is.
    numbers : tuple[str, ...]
        Columns that stand beside the text's vector, each less its `mean` and divided by its `deviation`; missing
        is 0, the mean.
    length_max : int
        Tokens of a row; what is longer is cut off.
    rounding : float
        How far whole numbers in the graph moved an answer on held-out rows at most (target's unit, or probability);
        such a graph answers row by row. 0: it computes in floats.
    """

    texts: tuple[str, ...]
    categories: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    means: tuple[float, ...] = ()
    deviations: tuple[float, ...] = ()
    length_max: int = Field(gt=2)
    rounding: float = Field(0.0, ge=0)

    def joined(self, columns: Columns) -> list[str]:
        """One text a row.

        Parameters
        ----------
        columns : mapping
            Column -> its values in the order of the rows; missing is ''.
        """
        if len(self.texts) == 1 and not self.categories:
            return list(columns[self.texts[0]])
        names = (*self.categories, *self.texts)
        return [
            ". ".join(f"{name}: {value}" for name, value in zip(names, row, strict=True) if value)
            for row in zip(*(columns[name] for name in names), strict=True)
        ]

    def scaled(self, numbers: NDArray[Any]) -> NDArray[np.float32]:
        """Numbers as the network takes them, shape (n_samples, len(numbers)); NaN becomes 0."""
        means, deviations = np.array(self.means, np.float32), np.array(self.deviations, np.float32)
        table = (np.asarray(numbers, dtype=np.float32) - means) / deviations
        return np.asarray(np.nan_to_num(table, nan=0.0, posinf=0.0, neginf=0.0), dtype=np.float32)

    def of_frame(self, X: pd.DataFrame) -> tuple[list[str], NDArray[np.float32]]:
        """Joined texts and scaled numbers of X as `features.feature_frame` gives it."""
        columns = {name: X[name].where(X[name].notna(), "").tolist() for name in (*self.texts, *self.categories)}
        return self.joined(columns), self.scaled(X[list(self.numbers)].to_numpy(np.float32))


def learn_reading(
    X: pd.DataFrame, texts: Sequence[str], categories: Sequence[str], numbers: Sequence[str], length_max: int
) -> Reading:
    """The reading of these columns, with mean and deviation of each number in X; a constant one has deviation 1."""
    table = X[list(numbers)].to_numpy(np.float64)
    kept = [column[np.isfinite(column)] for column in table.T]
    return Reading(
        texts=tuple(texts),
        categories=tuple(categories),
        numbers=tuple(numbers),
        means=tuple(float(np.mean(each)) if len(each) else 0.0 for each in kept),
        deviations=tuple((float(np.std(each)) if len(each) else 0.0) or 1.0 for each in kept),
        length_max=length_max,
    )
