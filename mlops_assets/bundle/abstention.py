"""When a classifier leaves an answer to people: split conformal prediction at an error that the use case states."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SLACK = 1e-4  # float32 graph against float64 pipeline; without it a forest's probability of 1 is below a limit of 1


@dataclass(frozen=True)
class Abstention:
    """Which classes stay possible for a row: those whose conformity is at least `least`.

    Conformity is the probability, or what `bundle.spans.conformity` makes of it. A row is answered where exactly the
    most probable class is left. Several say that the model cannot tell them apart, none that the row is
    unlike what it was calibrated on: it abstains from both.

    Attributes
    ----------
    error : float
        Share of rows whose true class may be missing among the possible ones, 0 to 1.
    least : float
        Conformity from which on a class is possible; 0 where the rows were too few to promise anything, so that the
        model abstains from all.
    rows : int
        Held-out rows that set it.
    """

    error: float
    least: float
    rows: int

    def candidates(self, shares: Sequence[float]) -> list[int]:
        """Positions of the possible classes of one row by their conformity, the largest first.

        Examples
        --------
        >>> Abstention(error=0.1, least=0.3, rows=99).candidates([0.35, 0.25, 0.4])
        [2, 0]
        """
        possible = [place for place, share in enumerate(shares) if share >= self.least]
        return sorted(possible, key=lambda place: -shares[place])

    def abstains(self, probabilities: NDArray[Any], conformity: NDArray[Any] | None = None) -> NDArray[np.bool_]:
        """True for each row, shape (n_samples,), that is not answered.

        Parameters
        ----------
        probabilities, conformity : ndarray of shape (n_samples, n_classes)
            Of the model; conformity None means the probabilities.
        """
        possible = (probabilities if conformity is None else conformity) >= self.least
        answer = np.asarray(probabilities).argmax(axis=1)
        return np.asarray((possible.sum(axis=1) != 1) | ~possible[np.arange(len(answer)), answer])

    def covers(self, conformity: NDArray[Any], classes: NDArray[Any], y: NDArray[Any]) -> NDArray[np.bool_]:
        """True for each row whose true class is among the possible ones; conformity as for `abstains`."""
        return _true_shares(conformity, classes, y) >= self.least

    def to_json(self) -> bytes:
        """One JSON object."""
        return (json.dumps(asdict(self)) + "\n").encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Abstention":
        """What `to_json` wrote."""
        return cls(**json.loads(data))


def calibrate(conformity: NDArray[Any], classes: NDArray[Any], y: NDArray[Any], error: float) -> Abstention:
    """The limit that leaves the true class out of the possible ones for at most a share `error` of new rows.

    Parameters
    ----------
    conformity : ndarray of shape (n_samples, n_classes)
        Of rows that the model was not fitted on, columns in the order of `classes`: probabilities, or what is made of
        them without these rows.
    y : ndarray of shape (n_samples,)
        True labels; a class that the model does not know has conformity 0.
    error : float
        Between 0 and 1.

    Notes
    -----
    Split conformal prediction (Vovk, Gammerman, Shafer: Algorithmic Learning in a Random World, 2005) with the score
    1 - p(true class) of Sadinle, Lei, Wasserman (Least Ambiguous Set-Valued Classifiers with Bounded Error Levels, JASA
    114, 2019); the quantile is the ceil((n + 1)(1 - error))-th smallest score as in Angelopoulos, Bates (A Gentle
    Introduction to Conformal Prediction, arXiv 2107.07511, 2021, section 1). New rows that are exchangeable with these
    are covered with a chance between 1 - error and 1 - error + 1 / (n + 1), where scores are not tied. The promise is
    over all classes together: one by class (Mondrian) needs 1 / error - 1 held-out rows of each, which small classes
    do not have, so that their pages would all be abstained from.
    """
    n = len(y)
    place = math.ceil((n + 1) * (1 - error) - 1e-9)  # 1e-9: a product such as 63.00000000000001 is 63
    if place > n:
        return Abstention(error, 0.0, n)
    scores = np.sort(1.0 - _true_shares(conformity, classes, y))
    return Abstention(error, max(0.0, float(1.0 - scores[place - 1]) - SLACK), n)


def _true_shares(probabilities: NDArray[Any], classes: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
    column = np.searchsorted(classes, y).clip(max=len(classes) - 1)
    shares = np.asarray(probabilities, dtype=np.float64)[np.arange(len(y)), column]
    return np.where(classes[column] == y, shares, 0.0)
