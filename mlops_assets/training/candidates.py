"""From a use case and its X to the candidates: families times the preprocessing variants that matter to them."""

from collections.abc import Sequence

import pandas as pd
from sklearn.pipeline import Pipeline

from mlops_assets.spec import UseCase
from mlops_assets.training.candidate import Candidate, Problem
from mlops_assets.training.families import FAMILIES
from mlops_assets.training.families.family import Family
from mlops_assets.training.preprocessing import build_preprocessing

BASELINE = "dummy"


class UnknownFamilyError(ValueError):
    """A use case names a model family that does not exist."""


def describe_problem(X: pd.DataFrame, use_case: UseCase) -> Problem:
    """What families need to know about X."""
    of_kind = {
        kind: tuple(name for name, column in use_case.features.items() if column.kind == kind)
        for kind in ("numeric", "category", "text")
    }
    return Problem(
        task=use_case.task,
        metric=use_case.training.metric,
        n_rows=len(X),
        ascii_text=all(_mostly_ascii(X[name]) for name in of_kind["text"]),
        random_state=use_case.training.random_state,
        **of_kind,
    )


def build_candidates(problem: Problem, use_case: UseCase) -> list[Candidate]:
    """Unfitted candidates, the baseline first, then cheap families before dear ones.

    Raises
    ------
    UnknownFamilyError
        If the use case names a family that does not exist.
    """
    chosen = [BASELINE, *(name for name in use_case.training.families if name != BASELINE)]
    for name in chosen:
        if name not in FAMILIES:
            known = ", ".join(FAMILIES)
            raise UnknownFamilyError(
                f"use case {use_case.name!r}: training.families: {name!r} is unknown; available: {known}"
            )
    families = sorted((FAMILIES[name] for name in chosen), key=lambda family: family.rank)
    return [
        candidate for family in families for candidate in _of_family(family, problem, use_case.training.preprocessing)
    ]


def _mostly_ascii(texts: pd.Series) -> bool:
    return sum(str(text).isascii() for text in texts) > len(texts) / 2


def _of_family(family: Family, problem: Problem, wanted: Sequence[str]) -> list[Candidate]:
    scaling = wanted if family.scales and problem.numeric else ("plain",)
    return [
        Candidate(
            name=" ".join(filter(None, (family.name, kind, variant if family.scales else ""))),
            family=family.name,
            preprocessing=variant,
            pipeline=Pipeline([("prepare", build_preprocessing(problem, family.style, variant)), ("model", model)]),
            rank=family.rank,
        )
        for variant in scaling
        for kind, model in family.models(problem).items()
    ]
