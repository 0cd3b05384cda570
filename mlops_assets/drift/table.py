"""Rows of the reference as bytes, with all that is needed to score a batch of them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mlops_assets.drift.codes import CODES, MISSING, Codes, Coding, NumericCoding
from mlops_assets.drift.traits import SHIFT, label_score, numeric_traits

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CodedTable:
    """A bounded sample of whole rows, one byte a cell, so that what columns have to do with each other is kept.

    codes : shape (n_rows, n_columns); codings : how each column was coded, by its name in reports
    """

    codings: dict[str, Coding]
    codes: Codes

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.codes)

    @cached_property
    def counts(self) -> Array:
        """How often each code occurs, shape (n_columns, 256)."""
        found = [np.bincount(self.codes[:, at], minlength=CODES) for at in range(self.codes.shape[1])]
        return np.array(found, dtype=np.float64).reshape(-1, CODES)

    @cached_property
    def numeric(self) -> tuple[int, ...]:
        """Positions of the numeric columns."""
        return tuple(at for at, coding in enumerate(self.codings.values()) if isinstance(coding, NumericCoding))

    @cached_property
    def labels(self) -> tuple[int, ...]:
        """Positions of the categories."""
        return tuple(at for at in range(len(self.codings)) if at not in self.numeric)

    @cached_property
    def traits(self) -> Array:
        """What the codes of numeric columns add to sums, shape (n_numeric, 256, n_traits)."""
        return np.array([numeric_traits(self.counts[at]) for at in self.numeric])

    @cached_property
    def score_of_code(self) -> Array:
        """One centred and scaled number a code, shape (n_columns, 256); 0 where it is missing."""
        scores = np.zeros((len(self.codings), CODES))
        for position, at in enumerate(self.numeric):
            scores[at] = self.traits[position][:, SHIFT]
        for at in self.labels:
            scores[at] = label_score(self.counts[at])
        return scores

    def levels(self, at: int) -> NDArray[np.int64]:
        """Codes of a category that occur in the reference."""
        return np.flatnonzero(self.counts[at][:MISSING])

    def level_name(self, at: int, position: int) -> str:
        """The label at a position of `levels`."""
        coding = list(self.codings.values())[at]
        code = int(self.levels(at)[position])
        if isinstance(coding, NumericCoding) or coding.hashed:
            return f"bucket {code}"
        return coding.levels[code]
