"""Whether another retrain is due because the last one paid, and has not won back all that it was to."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlops_assets.decision.gain import ExpectedGain
from mlops_assets.decision.harm import NORMAL, Harm, is_proven
from mlops_assets.spec import RetrainPolicy

if TYPE_CHECKING:
    from mlops_assets.loss.sketch import LossSketch

Z95 = NORMAL.inv_cdf(0.975)


@dataclass(frozen=True)
class Repaid:
    """Loss a row that a retrain saved so far, and what it still owes of what was expected, each with its error."""

    saved: float
    saved_error: float
    owed: float
    owed_error: float


def repaid(expected: ExpectedGain, losses: "LossSketch") -> Repaid:
    """What the labels since a version's promotion say of the retrain that it came from.

    Notes
    -----
    Saved: the former champion's mean loss at the decision less the mean loss since. Its error is that of the
    expectation, which is of a difference and so more than its own, and that of the mean since. Owed: the mean since
    less the level that was to come back. That level is a number agreed upon by now; only the mean since has an error.
    """
    own = losses.std / losses.n**0.5
    error = (expected.high - expected.low) / (2 * Z95)
    level = expected.mean - expected.a_row
    return Repaid(expected.mean - losses.mean, math.hypot(error, own), losses.mean - level, own)


def follow_up(expected: ExpectedGain, losses: "LossSketch", looks: int, policy: RetrainPolicy) -> Harm | None:
    """The harm that is left after a retrain, where another one is due; None where none is.

    A retrain amid a change learns from few rows of the new kind. Its version is then as good as it was on its own
    held-out rows, which are a mixture, so nothing shows against them; what shows is the level that was to come back.

    Parameters
    ----------
    losses : of all labelled batches of the version
    looks : how many such batches there are

    Notes
    -----
    Another one is due where the last one saved more than it cost and what it owes is proven; and, since the harm that
    began it was proven, without more proof where rows of the new kind have doubled, it saved something, and what it
    owes is worth a retrain. So retrains on one change are at most as many as the doublings of its rows.
    """
    now = repaid(expected, losses)
    reach = Z95 * now.owed_error
    interval = now.owed, now.owed - reach, now.owed + reach
    if not (_has_paid(now, policy) and is_proven(*interval, looks)) and not _has_doubled(expected, now, losses, policy):
        return None
    reason = f"of {expected.a_row:.4g} to win back the last retrain won {now.saved:.4g}, by {losses.n:,} labels"
    rows = None if expected.rows is None else expected.rows + losses.n
    return Harm("labels", True, reason, *interval, mean=losses.mean, rows=rows)


def _has_paid(now: Repaid, policy: RetrainPolicy) -> bool:
    return now.saved * policy.horizon_rows > policy.cost and now.saved > Z95 * now.saved_error


def _has_doubled(expected: ExpectedGain, now: Repaid, losses: "LossSketch", policy: RetrainPolicy) -> bool:
    doubled = expected.rows is not None and losses.n >= expected.rows
    return doubled and now.saved > 0 and now.owed * policy.horizon_rows > policy.cost
