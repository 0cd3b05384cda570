"""The probability that each version gave to the truth, for log loss.

The router logs what a version answers, not its probabilities, which would cost every request. Both bundles are at hand
and answer a logged row as they did then, so they are asked again, once a label: what they said is kept in the lake
under the label's id, which is another one as soon as the truth is.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.decision.loss import truth_shares
from mlops_assets.graph.steps.models import Model, open_version
from mlops_assets.spec import UseCase
from resources.installation import Installation
from resources.lake import Lake

ROWS_AT_ONCE = 4096
NAMES = ("champion_share", "challenger_share")


def truth_columns(
    installation: Installation, use_case: UseCase, versions: tuple[int, int], columns: Mapping[str, Sequence[Any]]
) -> dict[str, NDArray[np.float64]]:
    """`champion_share` and `challenger_share` of labels given as columns, `label_id` and `features` among them."""
    lake, place = installation.lake, (use_case.name, "shares", f"{versions[0]}-{versions[1]}.parquet")
    found = _known(lake, place, columns["label_id"])
    asked = 0
    for name, side, version in zip(NAMES, ("champion", "challenger"), versions, strict=True):
        places = [at for at, said in enumerate(columns[side]) if said is not None and np.isnan(found[name][at])]
        if places:
            found[name][places] = _shares(open_version(installation, use_case, version), places, columns)
        asked += len(places)
    if asked:
        lake.write_table(pd.DataFrame({"label_id": columns["label_id"], **found}), *place)
    return found


def _known(lake: Lake, place: tuple[str, ...], label_ids: Sequence[int]) -> dict[str, NDArray[np.float64]]:
    """What earlier looks kept, NaN for labels that are new and where a version had not scored the row yet."""
    if not lake.exists(*place):
        return {name: np.full(len(label_ids), np.nan) for name in NAMES}
    kept = lake.read_table(*place).set_index("label_id").reindex(label_ids)
    return {name: kept[name].to_numpy(dtype=np.float64, copy=True) for name in NAMES}


def _shares(model: Model, places: Sequence[int], columns: Mapping[str, Sequence[Any]]) -> NDArray[np.float64]:
    """What a version gives to the truths of the rows at these places."""
    found = []
    for start in range(0, len(places), ROWS_AT_ONCE):
        some = places[start : start + ROWS_AT_ONCE]
        answers = model.bundle.answer_rows([columns["features"][place] for place in some])
        if answers.probabilities is None or model.bundle.classes is None:
            raise ValueError(f"version {model.version} gives no probabilities, which decision.loss 'log_loss' needs")
        truth = np.array([columns["truth"][place] for place in some], dtype=object)
        found.append(truth_shares(answers.probabilities, np.array(model.bundle.classes, dtype=object), truth))
    return np.concatenate(found)
