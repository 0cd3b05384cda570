"""What a retrain won back, from the verdict over its version or from the labels that came after its promotion."""

import sqlalchemy as sa

from mlops_assets.decision.follow_up import Z95, repaid
from mlops_assets.decision.gain import ExpectedGain, RealisedGain
from mlops_assets.loss.sketch import LossSketch, merged
from resources.state.drift_log import labelled_before
from resources.state.retrains import Retrain
from resources.state.verdicts import first_contest


def expected_of(retrain: Retrain) -> ExpectedGain | None:
    """What the decision for this retrain said; None where nobody could say."""
    return ExpectedGain.from_dict(retrain.expected) if retrain.expected else None


def realised_of(connection: sa.Connection, retrain: Retrain) -> RealisedGain | None:
    """What its version saves; None before the first verdict and the first labelled batch of its own.

    A verdict compares both versions on the same requests, so it goes first. Without one, the version's loss on its
    labelled batches is set beside the former champion's when the retrain was decided: other rows, so a weaker word.
    """
    if retrain.version is None:
        return None
    verdict = first_contest(connection, retrain.use_case, retrain.version)
    if verdict is not None and verdict.estimate is not None and verdict.low is not None and verdict.high is not None:
        return RealisedGain(verdict.estimate, verdict.low, verdict.high, verdict.labels, "labels of the experiment")
    expected = expected_of(retrain)
    events = labelled_before(connection, retrain.use_case, retrain.version)
    sketches = [LossSketch.from_dict(event.losses) for event in events if event.losses]
    if expected is None or not sketches:
        return None
    return _since_promotion(expected, merged(sketches))


def _since_promotion(expected: ExpectedGain, losses: LossSketch) -> RealisedGain:
    now = repaid(expected, losses)
    reach = Z95 * now.saved_error
    return RealisedGain(now.saved, now.saved - reach, now.saved + reach, losses.n, "labels since its promotion")
