"""The retrain that a Dagster run works on."""

import dagster as dg

from mlops_assets.spec import UseCase
from resources.installation import Installation
from resources.state.retrains import Retrain, find_retrain


def current_retrain(installation: Installation, use_case: UseCase, run_id: str) -> Retrain:
    """The retrain of this Dagster run, or the newest when an asset is started by hand.

    Raises
    ------
    dagster.Failure
        If there is none.
    """
    with installation.state.read() as connection:
        found = find_retrain(connection, use_case.name, run_id)
    if found is None:
        raise dg.Failure("there is no training set yet; materialise training_set first", allow_retries=False)
    return found
