"""The champion's loss on a closed window, beside its loss at training and on the windows before."""

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg
import numpy as np

from mlops_assets.graph.steps.loss import losses_of
from mlops_assets.graph.steps.models import Model, open_champion
from mlops_assets.graph.steps.windows import rows_of_parts
from mlops_assets.loss.model_report import SEEN, WITHOUT_PROFILE, ModelReport
from mlops_assets.loss.profile import LossProfile
from mlops_assets.loss.shift import score_losses
from mlops_assets.loss.sketch import LossSketch, sketch_losses
from mlops_assets.report.loss_words import model_sentence
from mlops_assets.report.window_loss import window_loss_png
from mlops_assets.spec import UseCase
from resources.failpoint import reach
from resources.installation import Installation
from resources.state import window_losses, windows
from resources.state.retrains import retrain_of_version
from resources.state.windows import KeptWindow

UNLABELLED = ModelReport("no_labels", note="no row of the window has a label yet")


@dataclass(frozen=True)
class WindowScored:
    """What a window says about the champion, in a sentence, and the losses window by window as a picture, if any."""

    report: ModelReport
    sentence: str
    champion_version: int
    png: bytes | None


def score_window(installation: Installation, use_case: UseCase, key: str) -> WindowScored | None:
    """The champion's loss on a closed window, kept in the state database; None while there is no champion.

    Rows of batches that it was trained on say nothing and do not count. The windows' monitor has a chance of error of
    its own, `drift.loss_alpha` over the champion's life; it starts no retrain, which the batches' does.

    Raises
    ------
    dagster.Failure
        If the rows of the window are not kept together yet.
    """
    champion = open_champion(installation, use_case)
    if champion is None:
        return None
    with installation.state.read() as connection:
        window = windows.find_window(connection, use_case.name, key)
        before = window_losses.losses_before(connection, use_case.name, champion.version, key)
    if window is None or window.content_hash is None:
        raise dg.Failure(f"window {key}: its rows are not kept together yet; run its window first", allow_retries=False)
    earlier = [LossSketch.from_dict(one.losses) for one in before if one.losses]
    report = _report(installation, use_case, champion, window, earlier)
    sentence = model_sentence(report, of="windows")
    with installation.state.write() as connection:
        window_losses.record_window_loss(
            connection,
            use_case=use_case.name,
            window=key,
            champion_version=champion.version,
            status=report.status,
            sentence=sentence,
            losses=None if report.losses is None else report.losses.to_dict(),
            at=installation.clock(),
        )
    reach("window_scored")
    if report.losses is None or report.loss is None:
        return WindowScored(report, sentence, champion.version, None)
    names = [*(one.window for one in before), key]
    png = window_loss_png(names, [*earlier, report.losses], report.loss.mean_reference, report.loss.limit.value)
    return WindowScored(report, sentence, champion.version, png)


def _report(
    installation: Installation, use_case: UseCase, champion: Model, window: KeptWindow, before: Sequence[LossSketch]
) -> ModelReport:
    data = champion.bundle.loss_profile
    if data is None:
        return WITHOUT_PROFILE
    with installation.state.read() as connection:
        parts = windows.parts_of(connection, use_case.name, [window.key])
        retrain = retrain_of_version(connection, use_case.name, champion.version)
    known = frozenset() if retrain is None else frozenset(retrain.batches)
    unseen = [part for part in parts if not part.late and part.batch not in known]
    if not unseen:
        return SEEN
    frame = rows_of_parts(installation, use_case, window, unseen)
    frame = frame[frame[use_case.target].notna()].reset_index(drop=True)
    if frame.empty:
        return UNLABELLED
    predictions = champion.bundle.answer_table(frame)
    losses = losses_of(champion, frame, predictions, np.ones(len(frame), dtype=bool))
    profile = LossProfile.from_bytes(data)
    sketch = sketch_losses(losses, profile.held_out.loss_max)
    two_points = profile.loss == "zero_one"
    shift = score_losses(profile.held_out, [*before, sketch], use_case.drift, two_points=two_points)
    return ModelReport("drift" if shift.drifted else "no_drift", loss=shift, losses=sketch)
