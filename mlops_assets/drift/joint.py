"""What columns have to do with each other: every pair, and all of them together."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.drift.codes import MISSING
from mlops_assets.drift.standard import chi_square_z, mean_z
from mlops_assets.drift.table import CodedTable

COLUMNS_MAX = 40  # 780 pairs; further columns are compared one by one only
COMPONENTS = 3  # a small move of many columns in step is a large one along the first principal components
CARRIED_MIN = 30  # rows that a column's variance rests on; of fewer no sample tells how its relations vary by chance
TINY = 1e-9  # of a variance of standardised scores: nothing but rounding

Array = NDArray[np.float64]
Rows = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class JointSums:
    """Sums over rows: rows (n_draws,); present and scores (n_draws, d); products of scores (n_draws, d, d)."""

    rows: Array
    present: Array
    scores: Array
    products: Array

    def chosen(self, chosen: Rows) -> "JointSums":
        """The sums of draws that are made of some of these, chosen (n_draws, n_these) being 0 or 1."""
        products = chosen @ self.products.reshape(len(self.rows), -1)
        shape = (len(chosen), *self.products.shape[1:])
        return JointSums(chosen @ self.rows, chosen @ self.present, chosen @ self.scores, products.reshape(shape))

    def without(self, other: "JointSums") -> "JointSums":
        """What is left of these without the rows of the others."""
        return JointSums(
            self.rows - other.rows,
            self.present - other.present,
            self.scores - other.scores,
            self.products - other.products,
        )

    @property
    def means(self) -> Array:
        """Mean score of the values that are there, (n_draws, d)."""
        means: Array = self.scores / np.maximum(self.present, 1)
        return means

    @property
    def pairs(self) -> Array:
        """Rows with both values, (n_draws, d, d), taking what is missing in two columns as unrelated."""
        pairs: Array = self.present[:, :, None] * self.present[:, None, :] / self.rows[:, None, None]
        return np.maximum(pairs, 1.0)

    @property
    def moments(self) -> Array:
        """Covariance of each two columns, (n_draws, d, d)."""
        moments: Array = self.products / self.pairs - self.means[:, :, None] * self.means[:, None, :]
        return moments


@dataclass(frozen=True, eq=False)
class Joint:
    """The reference's rows as numbers, what they vary by, and their principal components.

    scores : shape (n_rows, d), one standardised number a cell, 0 where it is missing;  present : likewise, 1 or 0
    spread : shape (d, d), standard deviation of each product of two columns; 0 where it does not vary, and where one of
        them differs in fewer than CARRIED_MIN rows
    covariance : shape (d, d);  components : shape (d, k), each with standard deviation 1
    """

    scores: Rows
    present: Rows
    spread: Array
    covariance: Array
    components: Array

    @cached_property
    def total(self) -> JointSums:
        """The sums over all rows of the reference."""
        return sum_rows(self.scores[None].astype(np.float64), self.present[None].astype(np.float64))

    def pairs_z(self, batch: JointSums, rest: JointSums) -> Array:
        """Change of each pair's covariance over its standard error, (n_draws, d, d); 0 on the diagonal."""
        error = self.spread * np.sqrt(1 / batch.pairs + 1 / rest.pairs)
        gaps = batch.moments - rest.moments
        return np.divide(gaps, error, out=np.zeros_like(gaps), where=error > 0)

    def overall_z(self, batch: JointSums, rest: JointSums) -> Array:
        """The sum of all squared shifts, then the shift along each component, (n_draws, 1 + k).

        Notes
        -----
        The sum is a weighted sum of chi-squares; it is taken as a multiple of one with the same mean and variance,
        (tr R)^2 / tr R^2 degrees of freedom with R the covariance of the shifts: Satterthwaite, Biometrics Bulletin 2
        (1946).
        """
        gaps = mean_z(batch.scores, batch.present, rest.scores, rest.present)
        covariance = self._covariance_of_gaps(batch, rest)
        trace, squares = np.trace(covariance, axis1=1, axis2=2), np.maximum((covariance**2).sum((1, 2)), TINY)
        total = chi_square_z((gaps**2).sum(1) * trace / squares, trace**2 / squares)
        variance = ((covariance @ self.components) * self.components).sum(1)
        along = gaps @ self.components / np.sqrt(np.where(variance > TINY, variance, np.inf))
        return np.concatenate([np.maximum(total, 0)[:, None], along], axis=1)

    def _covariance_of_gaps(self, batch: JointSums, rest: JointSums) -> Array:
        """Covariance by chance of the shifts of each two columns, in their standard errors, (n_draws, d, d).

        Means over n_i and n_j rows, of which n_ij are the same, have the covariance c_ij n_ij / (n_i n_j). With
        missing values taken as in `JointSums.pairs` that is c_ij / rows: few values in a column loosen its ties.
        """
        both = (batch.present > 0) & (rest.present > 0)
        error = np.where(both, 1 / np.maximum(batch.present, 1) + 1 / np.maximum(rest.present, 1), np.inf)
        ties = (1 / batch.rows + 1 / rest.rows)[:, None, None] / np.sqrt(error[:, :, None] * error[:, None, :])
        of_itself = np.arange(error.shape[1])
        ties[:, of_itself, of_itself] = both
        covariance: Array = self.covariance * ties
        return covariance


def sum_rows(scores: NDArray[np.floating[Any]], present: NDArray[np.floating[Any]]) -> JointSums:
    """The sums of rows of scores, both of shape (n_draws, n_rows, d)."""
    rows = np.full(len(scores), scores.shape[1], dtype=np.float64)
    return JointSums(rows, present.sum(1), scores.sum(1), np.matmul(scores.transpose(0, 2, 1), scores))


def scored_rows(table: CodedTable, codes: NDArray[np.uint8]) -> tuple[Rows, Rows]:
    """Scores of coded rows, and where there is a value, both of shape (n_rows, d) with d at most 40."""
    width = min(codes.shape[1], COLUMNS_MAX)
    scores = np.empty((len(codes), width), dtype=np.float32)
    for at in range(width):
        scores[:, at] = table.score_of_code[at][codes[:, at]]
    return scores, (codes[:, :width] != MISSING).astype(np.float32)


def build_joint(table: CodedTable) -> Joint:
    """The joint structure of the first 40 columns of a table."""
    scores, present = scored_rows(table, table.codes)
    total = sum_rows(scores[None].astype(np.float64), present[None].astype(np.float64))
    covariance, pairs = total.moments[0], total.pairs[0]
    squares = scores.astype(np.float64) ** 2
    variance = squares.T @ squares / pairs - covariance**2
    np.fill_diagonal(variance, 0.0)
    known = _carried(squares) >= CARRIED_MIN
    spread = np.where((variance > TINY) & known & known[:, None], np.sqrt(np.maximum(variance, 0)), 0.0)
    values, vectors = np.linalg.eigh(covariance)
    kept = values > TINY
    components = (vectors[:, kept] / np.sqrt(values[kept]))[:, ::-1][:, :COMPONENTS]
    return Joint(scores, present, spread, covariance, components)


def _carried(squares: Array) -> Array:
    """How many rows each column's variance rests on, from its squared scores of shape (n_rows, d).

    Notes
    -----
    (sum s)^2 / sum s^2, Kish's number of equal weights (Survey Sampling, 1965): n / 3 of a normal column, and about m
    where m rows differ from all others, which are alike.
    """
    carried: Array = squares.sum(axis=0) ** 2 / np.maximum((squares**2).sum(axis=0), TINY)
    return carried
