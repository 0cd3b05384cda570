"""What chance alone does: batches drawn from the reference's own rows, scored against the rest of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mlops_assets.drift.groups import costs, largest, largest_joint, surprise
from mlops_assets.drift.joint import sum_rows
from mlops_assets.drift.limits import Limits, fit_limits
from mlops_assets.drift.source import Source, build_source
from mlops_assets.drift.table import CodedTable

BLOCK = 10  # rows; a drawn batch is so many blocks of a shuffled reference
SIZES = (20, 50, 100, 200, 400, 800, 1600, 3200)
ROWS_MIN = 2 * SIZES[0]  # of a table; of a smaller one no batch can be drawn
DRAWS = 10_000  # batches of each size: 100 beyond the quantile from which the tail is modelled
DRAWS_A_SHUFFLE = 100

Array = NDArray[np.float64]


def calibrate(tables: Sequence[CodedTable], rng: np.random.Generator, draws: int = DRAWS) -> Limits:
    """Limits for batches of every size up to half the rows of the first table.

    Parameters
    ----------
    tables : rows are drawn from each by itself: what is known of rows of their own, such as predictions of held-out
        rows, is a table of its own
    draws : batches of each size

    Notes
    -----
    A batch is drawn without replacement and scored against the rows that are left, so that chance acts on both sides:
    the permutation distribution of two samples of one source. Rows stay whole, so columns hang together as they do.
    """
    sources = [build_source(table) for table in tables if table.rows >= ROWS_MIN]
    sizes = [size for size in SIZES if sources and size <= sources[0].rows / 2]
    if not sizes:
        return fit_limits([], [])
    cost, shuffles = costs(sources), -(-draws // DRAWS_A_SHUFFLE)
    drawn = [surprise([_shuffled(source, sizes, rng) for source in sources], cost) for _ in range(shuffles)]
    surprises = [one.reshape(len(sizes), DRAWS_A_SHUFFLE) for one in drawn]
    return fit_limits(sizes, list(np.concatenate(surprises, axis=1)))


def _shuffled(source: Source, sizes: list[int], rng: np.random.Generator) -> dict[str, Array]:
    """The largest scores of 100 batches of each size, made of the blocks of one shuffle."""
    blocks = source.rows // BLOCK
    order = rng.permutation(source.rows)[: blocks * BLOCK]
    chosen = _choose([min(size, source.rows // 2) // BLOCK for size in sizes], blocks, rng)
    rows = chosen.sum(1) * BLOCK
    added = chosen @ source.features[order].reshape(blocks, BLOCK, -1).sum(1)
    found = largest(source, source.sums(added, rows), source.sums(source.total - added, source.rows - rows))
    if source.joint is None:
        return found
    joint, shape = source.joint, (blocks, BLOCK, -1)
    batch = sum_rows(joint.scores[order].reshape(shape), joint.present[order].reshape(shape)).chosen(chosen)
    return found | largest_joint(source, batch, joint.total.without(batch))


def _choose(counts: list[int], blocks: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Which blocks make up each batch, 0 or 1, shape (n_sizes * DRAWS_A_SHUFFLE, blocks).

    A batch of one size holds the one of the size before; limits of two sizes are never used together.
    """
    rank = rng.permuted(np.tile(np.arange(blocks), (DRAWS_A_SHUFFLE, 1)), axis=1)
    return np.concatenate([rank < count for count in counts]).astype(np.float32)
