"""A model family as a value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlops_assets.training.candidate import Problem
from mlops_assets.training.preprocessing import Style


@dataclass(frozen=True)
class Family:
    """One kind of model: how it reads columns, what it costs, what is tuned.

    Attributes
    ----------
    name : str
        As in `training.families` of a use case.
    rank : int
        Cheap families have small ranks and are compared first.
    styles : tuple[Style, ...]
        How it may want its columns; each style is a candidate. 'own': the estimator reads X itself.
    scales : bool
        True when the scale of a number matters, so that each preprocessing variant is a candidate.
    models : callable
        Problem -> unfitted estimators by variant; the variant '' is the plain one.
    distributions : mapping
        Parameter of the estimator -> values to draw from when it is tuned; those that the estimator of a task lacks
        are left out.
    for_text : bool
        True when it has candidates only where a feature is text.
    costly : bool
        True when one fit takes minutes: it is scored on the last fold alone, after all others, within a budget of its
        own that the estimator keeps.
    """

    name: str
    rank: int
    styles: tuple[Style, ...]
    scales: bool
    models: Callable[[Problem], dict[str, Any]]
    distributions: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    for_text: bool = False
    costly: bool = False
