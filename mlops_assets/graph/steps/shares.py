"""The probability that each version gave to the truth, for log loss.

The router logs what a version answers, not its probabilities, which would cost every request. Both bundles are at hand
and answer a logged row as they did then, so they are asked again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.decision.loss import truth_shares
from mlops_assets.graph.steps.models import Model, open_version
from mlops_assets.spec import UseCase
from resources.installation import Installation

ROWS_AT_ONCE = 4096


def truth_columns(
    installation: Installation, use_case: UseCase, versions: tuple[int, int], columns: Mapping[str, Sequence[Any]]
) -> dict[str, NDArray[np.float64]]:
    """`champion_share` and `challenger_share` of labels given as columns, `features` among them."""
    return {
        f"{side}_share": _shares(open_version(installation, use_case, version), columns[side], columns)
        for side, version in zip(("champion", "challenger"), versions, strict=True)
    }


def _shares(model: Model, said: Sequence[Any], columns: Mapping[str, Sequence[Any]]) -> NDArray[np.float64]:
    """NaN where the version did not score the row."""
    shares = np.full(len(said), np.nan)
    scored = [place for place, value in enumerate(said) if value is not None]
    for start in range(0, len(scored), ROWS_AT_ONCE):
        places = scored[start : start + ROWS_AT_ONCE]
        found = model.bundle.answer_rows([columns["features"][place] for place in places])
        if found.probabilities is None or model.bundle.classes is None:
            raise ValueError(f"version {model.version} gives no probabilities, which decision.loss 'log_loss' needs")
        truth = np.array([columns["truth"][place] for place in places], dtype=object)
        shares[places] = truth_shares(found.probabilities, np.array(model.bundle.classes, dtype=object), truth)
    return shares
