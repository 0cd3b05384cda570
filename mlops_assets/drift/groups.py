"""The most surprising score of each group, on one scale that allows for how many there are."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mlops_assets.drift.evidence import Sums, level_z, missing_z, numeric_z, unseen_z
from mlops_assets.drift.joint import JointSums
from mlops_assets.drift.source import Source
from mlops_assets.drift.standard import digits

GROUP_OF_KIND = {
    "shift": "values",
    "spread": "values",
    "tail": "values",
    "extremes": "values",
    "shape": "values",
    "missing": "missing",
    "label": "labels",
    "unseen": "unseen",
    "correlation": "correlation",
    "overall": "overall",
}
TESTS_OF_A_NUMBER = 11  # shift, spread and two tails on two sides each, both extremes, the shape

Array = NDArray[np.float64]


def count_tests(source: Source) -> dict[str, int]:
    """How many one-sided scores each group of a table has."""
    table = source.table
    found = {
        "missing": len(table.codings),
        "values": TESTS_OF_A_NUMBER * len(table.numeric),
        "labels": 2 * sum(max(len(table.levels(at)), 1) for at in table.labels),
        "unseen": len(table.labels),
    }
    if source.joint is not None:
        width = source.joint.scores.shape[1]
        found |= {"correlation": width * (width - 1), "overall": 1 + 2 * source.joint.components.shape[1]}
    return {name: count for name, count in found.items() if count}


def costs(sources: Sequence[Source]) -> dict[str, float]:
    """What so many looks cost the scores of each group, in digits.

    Notes
    -----
    log10(tests of the group) + log10(number of groups): Bonferroni's correction on a logarithmic scale, so that a group
    of few tests is not drowned by one of many. It only sets the groups' weights; the limit itself is learned from
    draws, in which columns hang together as they do.
    """
    counts: dict[str, int] = {}
    for name, count in (item for source in sources for item in count_tests(source).items()):
        counts[name] = counts.get(name, 0) + count
    return {name: math.log10(count * len(counts)) for name, count in counts.items()}


def largest(source: Source, batch: Sums, rest: Sums) -> dict[str, Array]:
    """The largest z of each group of scores of columns by themselves, (n_draws,)."""
    found = {"missing": np.concatenate(missing_z(batch, rest), axis=1)}
    if source.table.numeric:
        found["values"] = np.abs(np.concatenate(list(numeric_z(batch, rest).values()), axis=1))
    if source.table.labels:
        pairs = list(zip(batch.labels, rest.labels, strict=True))
        found["labels"] = np.abs(np.concatenate([level_z(a, b) for a, b in pairs], axis=1))
        found["unseen"] = np.stack([unseen_z(a, b) for a, b in pairs], axis=1)
    return {name: z.max(1, initial=0) for name, z in found.items()}


def largest_joint(source: Source, batch: JointSums, rest: JointSums) -> dict[str, Array]:
    """The largest z of each group of scores of columns together, (n_draws,)."""
    if source.joint is None:
        return {}
    pairs = np.abs(source.joint.pairs_z(batch, rest)).reshape(len(batch.rows), -1)
    return {"correlation": pairs.max(1), "overall": np.abs(source.joint.overall_z(batch, rest)).max(1)}


def surprise(found: Sequence[Mapping[str, Array]], cost: Mapping[str, float]) -> Array:
    """The largest score over the groups of all tables, in digits after their cost, (n_draws,)."""
    scored = [digits(z) - cost[name] for groups in found for name, z in groups.items()]
    most: Array = np.max(scored, axis=0)
    return most
