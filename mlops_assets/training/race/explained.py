"""What the model that answered a window listened to, and how that moved since the window before."""

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from mlops_assets.spec import UseCase
from mlops_assets.training.explain import ExplainError, shap_values


@dataclass(frozen=True)
class Explained:
    """One window's explanation.

    Attributes
    ----------
    window, policy : str
        Which window, and the policy whose model answered it.
    shares : dict[str, float]
        Column -> its part of all mean absolute SHAP values; sums to 1. Empty where there is no explanation.
    gap : float or None
        By how much values and answers differ at most, as a share of the largest answer.
    moved : float or None
        Half the sum of the changes of the shares since the last explanation; 0 = the same, 1 = none of it is left.
    note : str
        Why there is no explanation; empty where there is one.
    """

    window: str
    policy: str
    shares: dict[str, float]
    gap: float | None
    moved: float | None
    note: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def explain_window(
    window: str, policy: str, pipeline: Any, X: pd.DataFrame, use_case: UseCase, before: Explained | None
) -> Explained:
    """SHAP values of at most `training.explain_rows` rows; the reason where they are not to be had, or do not add up.

    Parameters
    ----------
    before : Explained or None
        Of an earlier window, with shares.
    """
    try:
        found = shap_values(pipeline, X, use_case)
    except ExplainError as error:
        return Explained(window, policy, {}, None, None, str(error))
    total = sum(found.mean) or 1.0
    shares = {name: value / total for name, value in zip(found.names, found.mean, strict=True)}
    moved = None if before is None else distance(before.shares, shares)
    return Explained(window, policy, shares, found.gap, moved, "")


def distance(one: dict[str, float], other: dict[str, float]) -> float:
    """Total variation distance of two mappings to shares, in [0, 1].

    Examples
    --------
    >>> distance({"size": 0.75, "colour": 0.25}, {"size": 0.25, "weight": 0.75})
    0.75
    """
    return 0.5 * sum(abs(one.get(name, 0.0) - other.get(name, 0.0)) for name in one.keys() | other.keys())
