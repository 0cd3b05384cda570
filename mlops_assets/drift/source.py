"""A table to draw batches from: what each of its rows adds to the sums that scores are made of."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.drift.codes import MISSING, UNSEEN
from mlops_assets.drift.evidence import Sums
from mlops_assets.drift.joint import Joint, build_joint
from mlops_assets.drift.table import CodedTable
from mlops_assets.drift.traits import TRAITS

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Source:
    """A table with its joint structure, None where it has one column."""

    table: CodedTable
    joint: Joint | None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.table.rows

    @cached_property
    def features(self) -> NDArray[np.float32]:
        """What each row adds, shape (n_rows, n_features): traits of the numeric columns, then label by label."""
        table = self.table
        parts = [traits[table.codes[:, at]] for at, traits in zip(table.numeric, table.traits, strict=True)]
        for at, codes in zip(table.labels, self._label_codes, strict=True):
            parts.append((table.codes[:, at, None] == codes).astype(np.float64))
        return np.concatenate(parts, axis=1, dtype=np.float32)

    @cached_property
    def total(self) -> Array:
        """The sums over all rows, shape (n_features,)."""
        total: Array = self.features.sum(0, dtype=np.float64)
        return total

    def sums(self, added: NDArray[np.floating[Any]], rows: Array) -> Sums:
        """Sums over the rows of draws, shape (n_draws, n_features), by column."""
        split = len(self.table.numeric) * TRAITS
        numeric = added[:, :split].reshape(len(added), len(self.table.numeric), TRAITS)
        ends = np.cumsum([len(codes) for codes in self._label_codes])[:-1]
        labels = np.split(added[:, split:], ends, axis=1) if self.table.labels else []
        return Sums(rows, numeric, tuple(labels))

    def sums_of_counts(self, counts: Array, rows: int) -> Sums:
        """The same from the counts of the codes of one batch, shape (n_columns, 256)."""
        numeric = [counts[at] @ traits for at, traits in zip(self.table.numeric, self.table.traits, strict=True)]
        labels = [counts[at][codes] for at, codes in zip(self.table.labels, self._label_codes, strict=True)]
        return self.sums(np.concatenate([*numeric, *labels])[None], np.array([float(rows)]))

    @cached_property
    def present(self) -> dict[str, float]:
        """How many rows have a value, by column."""
        names, counts = self.table.codings, self.table.counts[:, :MISSING].sum(1)
        return {name: float(count) for name, count in zip(names, counts, strict=True)}

    @cached_property
    def _label_codes(self) -> list[NDArray[np.int64]]:
        """For each category the codes that are counted: its labels, unseen, missing."""
        return [np.array([*self.table.levels(at), UNSEEN, MISSING]) for at in self.table.labels]


def build_source(table: CodedTable) -> Source:
    """A table with the joint structure of its columns, where it has two of them and a row."""
    return Source(table, build_joint(table) if table.codes.shape[1] > 1 and table.rows else None)
