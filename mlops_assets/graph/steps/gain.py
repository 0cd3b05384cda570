"""What a retrain won back, from the verdict over its version or from the labels that came after its promotion."""

import sqlalchemy as sa

from mlops_assets.decision.follow_up import Z95, repaid
from mlops_assets.decision.gain import ExpectedGain, RealisedGain
from mlops_assets.decision.harm import Harm
from mlops_assets.loss.sketch import LossSketch, merged
from mlops_assets.spec import Decision
from resources.state.drift_log import DriftEvent, labelled_before
from resources.state.retrains import Retrain
from resources.state.verdicts import first_contest


def expected_of(retrain: Retrain) -> ExpectedGain | None:
    """What the decision for this retrain said; None where nobody could say."""
    return ExpectedGain.from_dict(retrain.expected) if retrain.expected else None


def realised_of(connection: sa.Connection, retrain: Retrain) -> RealisedGain | None:
    """What its version saves; None before the first verdict and the first labelled batch of its own.

    None as well where its version's losses are of another unit than the former champion's were, and no verdict is
    there: losses of two units have no difference.

    A verdict compares both versions on the same requests, so it goes first. Without one, the version's loss on its
    labelled batches is set beside the former champion's when the retrain was decided: other rows, so a weaker word.
    """
    if retrain.version is None:
        return None
    verdict = first_contest(connection, retrain.use_case, retrain.version)
    if verdict is not None and verdict.estimate is not None and verdict.low is not None and verdict.high is not None:
        unit = Decision.model_validate(verdict.rule["decision"]).unit if verdict.rule else None
        interval = verdict.estimate, verdict.low, verdict.high
        return RealisedGain(*interval, verdict.labels, "labels of the experiment", unit)
    expected = expected_of(retrain)
    events = labelled_before(connection, retrain.use_case, retrain.version)
    if expected is None or not all(expected.is_counted_in(_unit(event)) for event in events):
        return None
    sketches = [LossSketch.from_dict(event.losses) for event in events if event.losses]
    return _since_promotion(expected, merged(sketches)) if sketches else None


def _unit(event: DriftEvent) -> str | None:
    return None if event.harm is None else Harm.from_dict(event.harm).unit


def _since_promotion(expected: ExpectedGain, losses: LossSketch) -> RealisedGain:
    now = repaid(expected, losses)
    reach = Z95 * now.saved_error
    interval = now.saved, now.saved - reach, now.saved + reach
    return RealisedGain(*interval, losses.n, "labels since its promotion", expected.unit)
