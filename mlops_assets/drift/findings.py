"""Every score of one batch with the effect behind it: what a report chooses its reasons from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_assets.drift.evidence import Sums, level_z, missing_z, numeric_z, unseen_z
from mlops_assets.drift.groups import GROUP_OF_KIND
from mlops_assets.drift.history import Shift
from mlops_assets.drift.joint import JointSums
from mlops_assets.drift.source import Source
from mlops_assets.drift.standard import digits
from mlops_assets.drift.traits import PRESENT, SHAPE, SHIFT, SPREAD, TAIL, TAIL_CELLS

TOGETHER = "all columns together"  # its name among the columns of a report

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Finding:
    """One score: whose, of what kind, in digits after its cost, and the effect it speaks of.

    effect : in the unit of its kind, see `spec.Floors`;  detail : the label or the pair it is about, else empty
    """

    column: str
    kind: str
    score: float
    effect: float
    detail: str = ""


def column_findings(
    source: Source, batch: Sums, missing_too: Mapping[str, bool], cost: Mapping[str, float]
) -> list[Finding]:
    """The findings about columns by themselves; `missing_too`: by column, whether its missing share counts."""
    rest = source.sums(source.total[None], np.array([float(source.rows)]))
    names = list(source.table.codings)
    raw = [*_numeric(source, batch, rest), *_labels(source, batch, rest)]
    for (at, z), (_, effect) in zip(_missing(source, batch, rest), _missing_effect(source, batch, rest), strict=True):
        if missing_too[names[at]]:
            raw.append((at, "missing", z, effect, ""))
    return [
        Finding(names[at], kind, _score(z, kind, cost), effect, detail)
        for at, kind, z, effect, detail in raw
        if z != 0 or effect != 0
    ]


def joint_findings(
    source: Source, batch: JointSums, absent: NDArray[np.int64], cost: Mapping[str, float]
) -> list[Finding]:
    """The findings about columns together; columns at the positions `absent` have no value in the batch."""
    if source.joint is None:
        return []
    joint, names = source.joint, list(source.table.codings)
    pairs = joint.pairs_z(batch, joint.total)[0]
    pairs[absent] = 0
    pairs[:, absent] = 0
    first, second = np.unravel_index(np.abs(pairs).argmax(), pairs.shape)
    change = (batch.moments - joint.total.moments)[0][first, second]
    pair = f"{names[first]} and {names[second]}"
    moved = (batch.means - joint.total.means)[0]
    overall = np.abs(joint.overall_z(batch, joint.total)).max()
    return [
        Finding(TOGETHER, "correlation", _score(float(pairs[first, second]), "correlation", cost), float(change), pair),
        Finding(TOGETHER, "overall", _score(float(overall), "overall", cost), float(np.sqrt((moved**2).mean()))),
    ]


def shifts(source: Source, batch: Sums) -> dict[str, Shift]:
    """By numeric column with values in the batch, the shift of its mean."""
    present = batch.numeric[0, :, PRESENT]
    means = batch.numeric[0, :, SHIFT] / np.maximum(present, 1)
    names = list(source.table.codings)
    return {
        names[at]: Shift(float(means[i]), float(present[i]))
        for i, at in enumerate(source.table.numeric)
        if present[i] > 0
    }


def _score(z: float, kind: str, cost: Mapping[str, float]) -> float:
    return float(digits(np.array(abs(z)))) - cost.get(GROUP_OF_KIND[kind], 0.0)


def _numeric(source: Source, batch: Sums, rest: Sums) -> Iterator[tuple[int, str, float, float, str]]:
    z, effects = numeric_z(batch, rest), _numeric_effects(batch, rest)
    for kind, found in z.items():
        for i, at in enumerate(source.table.numeric):
            yield at, kind, float(found[0, i]), float(effects[kind][i]), ""


def _numeric_effects(batch: Sums, rest: Sums) -> dict[str, Array]:
    """Differences of the means of traits, and of shares of cells: total variation, half the sum of |p - q|."""
    here, there = batch.numeric[0], rest.numeric[0]
    n_here, n_there = here[:, [PRESENT]], there[:, [PRESENT]]
    gaps = here / np.maximum(n_here, 1) - there / np.maximum(n_there, 1)
    gaps = np.where((n_here > 0) & (n_there > 0), gaps, 0)
    tails, cells = gaps[:, TAIL], gaps[:, SHAPE]
    ends = [np.abs(part).sum(1) + np.abs(part.sum(1)) for part in (cells[:, :TAIL_CELLS], cells[:, -TAIL_CELLS:])]
    return {
        "shift": gaps[:, SHIFT],
        "spread": gaps[:, SPREAD],
        "tail": tails[np.arange(len(tails)), np.abs(tails).argmax(1)],
        "extremes": np.maximum(*ends) / 2,
        "shape": np.abs(cells).sum(1) / 2,
    }


def _labels(source: Source, batch: Sums, rest: Sums) -> Iterator[tuple[int, str, float, float, str]]:
    for at, counts, known in zip(source.table.labels, batch.labels, rest.labels, strict=True):
        here, there = counts[0, :-1], known[0, :-1]
        if here.sum() == 0 or there.sum() == 0:
            continue
        shares = here / here.sum() - there / there.sum()
        z = level_z(counts, known)[0]
        if len(z):
            most = int(np.abs(z).argmax())
            yield at, "label", float(z[most]), float(shares[most]), source.table.level_name(at, most)
        yield at, "unseen", float(unseen_z(counts, known)[0]), float(shares[-1]), ""


def _missing(source: Source, batch: Sums, rest: Sums) -> list[tuple[int, float]]:
    numeric, labels = missing_z(batch, rest)
    found = [*zip(source.table.numeric, numeric[0], strict=True), *zip(source.table.labels, labels[0], strict=True)]
    return [(at, float(z)) for at, z in found]


def _missing_effect(source: Source, batch: Sums, rest: Sums) -> list[tuple[int, float]]:
    shares = []
    for side in (batch, rest):
        numeric = 1 - side.numeric[0, :, PRESENT] / side.rows[0] if source.table.numeric else []
        shares.append([*numeric, *(counts[0, -1] / side.rows[0] for counts in side.labels)])
    places = [*source.table.numeric, *source.table.labels]
    return [(at, float(here - there)) for at, here, there in zip(places, *shares, strict=True)]
