"""Which truths come back about each request, when, and in what state: drawn before the first one is sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from mlops_assets.cli.traffic import Labelled


@dataclass(frozen=True)
class Ways:
    """How the truth comes back.

    Parameters
    ----------
    delay_s : mean seconds from an answer to its truth
    shuffle : delays are exponential, so that truths overtake each other; False: all are `delay_s`
    lossy : share of requests whose truth never comes
    duplicate : share of the others whose truth comes twice
    wrong : share of the others whose first truth is another one, corrected after as long again
    """

    delay_s: float = 0.0
    shuffle: bool = False
    lossy: float = 0.0
    duplicate: float = 0.0
    wrong: float = 0.0


@dataclass(frozen=True)
class Telling:
    """A truth that is sent so many seconds after the answer."""

    after_s: float
    truth: Any


@dataclass(frozen=True)
class Asking:
    """A request, and what is told about its answer."""

    row: Labelled
    tellings: tuple[Telling, ...]


def plan_traffic(rows: Iterable[Labelled], truths: Sequence[Any], ways: Ways, seed: int) -> Iterator[Asking]:
    """A request for each row; `truths` are the different ones there are, from which a wrong one is taken."""
    random = Random(seed)
    for row in rows:
        yield Asking(row, tuple(_tellings(row.truth, truths, ways, random)))


def _tellings(truth: Any, truths: Sequence[Any], ways: Ways, random: Random) -> Iterator[Telling]:
    lost, twice, wrong = (random.random() < share for share in (ways.lossy, ways.duplicate, ways.wrong))
    if lost:
        return
    after_s = _delay(ways, random)
    if wrong and len(truths) > 1:
        yield Telling(after_s, random.choice([other for other in truths if other != truth]))
        after_s += _delay(ways, random)
    yield Telling(after_s, truth)
    if twice:
        yield Telling(after_s + _delay(ways, random), truth)


def _delay(ways: Ways, random: Random) -> float:
    return random.expovariate(1 / ways.delay_s) if ways.shuffle and ways.delay_s > 0 else ways.delay_s
