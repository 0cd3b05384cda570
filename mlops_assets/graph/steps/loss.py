"""The champion's loss on a batch, beside what the drift log knows of its earlier batches."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.bundle.answers import Predictions
from mlops_assets.decision.loss import answer_losses, truth_shares
from mlops_assets.graph.steps.models import Model
from mlops_assets.loss.estimate import Check
from mlops_assets.loss.model_report import SEEN, WITHOUT_PROFILE, LossHistory, ModelReport, score_model
from mlops_assets.loss.profile import Answers, LossProfile
from mlops_assets.loss.sketch import LossSketch
from mlops_assets.spec import UseCase
from mlops_assets.training.features import target_values
from resources.installation import Installation
from resources.state.drift_log import labelled_before
from resources.state.retrains import retrain_of_version


def score_champion(
    installation: Installation,
    use_case: UseCase,
    champion: Model,
    key: str,
    frame: pd.DataFrame,
    predictions: Predictions,
) -> ModelReport:
    """What the batch `key` says about the champion's loss.

    The loss is the one the champion was registered with, whatever the use case says by now.
    """
    data = champion.bundle.loss_profile
    if data is None:
        return WITHOUT_PROFILE
    with installation.state.read() as connection:
        retrain = retrain_of_version(connection, use_case.name, champion.version)
        if retrain is not None and key in retrain.batches:
            return SEEN
        events = labelled_before(connection, use_case.name, champion.version, key)
    labelled = frame[use_case.target].notna().to_numpy()
    return score_model(
        LossProfile.from_bytes(data),
        champion.bundle.schema.of_table(frame),
        answers_of(predictions),
        labelled,
        losses_of(champion, frame, predictions, labelled),
        LossHistory(
            [LossSketch.from_dict(event.losses) for event in events if event.losses],
            [Check(**event.checked) for event in events if event.checked],
        ),
        use_case.drift,
    )


def answers_of(predictions: Predictions) -> Answers:
    """Answers with the probability of each."""
    shares = predictions.probabilities
    return Answers(np.asarray(predictions.values), None if shares is None else np.asarray(shares).max(axis=1))


def losses_of(
    champion: Model, frame: pd.DataFrame, predictions: Predictions, labelled: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The champion's losses on the labelled rows, by the loss that it was registered with, shape (n_labelled,)."""
    if not labelled.any():
        return np.empty(0)
    at_training = champion.bundle.schema.use_case
    truth = target_values(frame[labelled], at_training)
    shares = None
    if predictions.probabilities is not None and champion.bundle.classes is not None:
        shares = truth_shares(np.asarray(predictions.probabilities)[labelled], champion.bundle.classes, truth)
    return answer_losses(np.asarray(predictions.values)[labelled], truth, at_training.decision, shares)
