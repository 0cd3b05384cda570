"""The harm that a batch shows, beside what the state database knows of its champion."""

from dataclasses import replace

from mlops_assets.decision.follow_up import follow_up
from mlops_assets.decision.harm import Harm, find_harm
from mlops_assets.graph.steps.gain import expected_of
from mlops_assets.loss.model_report import ModelReport
from mlops_assets.loss.sketch import LossSketch, merged
from mlops_assets.spec import UseCase
from resources.installation import Installation
from resources.state.drift_log import labelled_before
from resources.state.retrains import retrain_of_version


def judge_harm(
    installation: Installation, use_case: UseCase, version: int, key: str, model: ModelReport, look: int, unit: str
) -> Harm:
    """What the champion's last retrain still owes where it paid, else what the batch shows against its own training.

    Parameters
    ----------
    look : how many batches of this champion alarmed by their columns, with this one; 0 where this one did not
    unit : what the champion's losses are counted in (`Decision.unit`); a gain that was expected in another is not owed
    """
    with installation.state.read() as connection:
        retrain = retrain_of_version(connection, use_case.name, version)
        events = labelled_before(connection, use_case.name, version, key)
    expected = expected_of(retrain) if retrain is not None else None
    if expected is not None and expected.is_counted_in(unit) and model.losses is not None:
        sketches = [*(LossSketch.from_dict(event.losses) for event in events if event.losses), model.losses]
        if (owed := follow_up(expected, merged(sketches), len(sketches), use_case.retrain)) is not None:
            return replace(owed, unit=unit)
    return replace(find_harm(model, look, use_case.drift.rows_min), unit=unit)
