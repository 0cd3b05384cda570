"""Which model families to try first: those that did best on the most similar earlier training sets."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NEIGHBOURS = 3


@dataclass(frozen=True)
class Past:
    """An earlier training: what its rows were like, and its families, best first."""

    traits: dict[str, float]
    families: tuple[str, ...]


def proposed(past: Sequence[Past], traits: dict[str, float]) -> tuple[str, ...]:
    """Families in the order in which to try them; empty where nothing is remembered.

    Parameters
    ----------
    past : sequence of Past
        Those with the same traits by name count.
    traits : dict[str, float]
        Of the rows at hand.

    Notes
    -----
    The mean place on the boards of the three nearest neighbours, by Euclidean distance of traits in units of their
    deviation (k-nearest ranking: Brazdil, Soares & da Costa, Machine Learning 50, 2003). A family that a board lacks
    stands last on it.
    """
    known = [each for each in past if each.traits.keys() == traits.keys() and each.families]
    if not known:
        return ()
    table = np.array([[each.traits[name] for name in traits] for each in known])
    scale = table.std(axis=0)
    here = np.array(list(traits.values()))
    distance = np.linalg.norm((table - here) / np.where(scale > 0, scale, 1.0), axis=1)
    near = [known[at] for at in np.argsort(distance, kind="stable")[:NEIGHBOURS]]
    families = dict.fromkeys(family for each in near for family in each.families)
    return tuple(sorted(families, key=lambda family: sum(_place(each.families, family) for each in near)))


def _place(families: tuple[str, ...], family: str) -> int:
    return families.index(family) if family in families else len(families)
