"""From a use case and its X to the candidates: families times the preprocessing variants that matter to them."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sklearn.pipeline import Pipeline

from mlops_assets.spec import UseCase
from mlops_assets.training.candidate import Candidate, Problem
from mlops_assets.training.families import FAMILIES
from mlops_assets.training.families.family import Family
from mlops_assets.training.preprocessing import Style, build_preprocessing

BASELINE = "dummy"


class UnknownFamilyError(ValueError):
    """A use case names a model family that does not exist, or none that can read its columns."""


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
        order=use_case.training.order,
        fit_s=use_case.training.budget_s / (use_case.training.folds + 1),  # one a fold, and the last
        bert=use_case.training.bert,
        **of_kind,
    )


def build_candidates(problem: Problem, use_case: UseCase, first: Sequence[str] = ()) -> list[Candidate]:
    """Unfitted candidates, the baseline first, then the families of `first`, then cheap families before dear ones.

    Raises
    ------
    UnknownFamilyError
        If the use case names a family that does not exist, or only families of text without a text.
    """
    chosen = [BASELINE, *(name for name in use_case.training.families if name != BASELINE)]
    for name in chosen:
        if name not in FAMILIES:
            known = ", ".join(FAMILIES)
            raise UnknownFamilyError(
                f"use case {use_case.name!r}: training.families: {name!r} is unknown; available: {known}"
            )
    if not problem.text and all(FAMILIES[name].for_text for name in chosen[1:]):
        raise UnknownFamilyError(
            f"use case {use_case.name!r}: training.families: {', '.join(chosen[1:])} read text, and no feature is text"
        )
    order = {name: place for place, name in enumerate((BASELINE, *first))}
    families = sorted(
        (FAMILIES[name] for name in chosen), key=lambda family: (order.get(family.name, len(order)), family.rank)
    )
    return [
        candidate for family in families for candidate in _of_family(family, problem, use_case.training.preprocessing)
    ]


def _mostly_ascii(texts: pd.Series) -> bool:
    return sum(str(text).isascii() for text in texts) > len(texts) / 2


def _of_family(family: Family, problem: Problem, wanted: Sequence[str]) -> list[Candidate]:
    if family.for_text and not problem.text:
        return []
    return [
        _candidate(family, problem, style, variant, kind, model)
        for style in family.styles
        for variant in _variants(family, problem, wanted)
        for kind, model in family.models(problem).items()
    ]


def _variants(family: Family, problem: Problem, wanted: Sequence[str]) -> Sequence[str]:
    if not family.scales or not problem.numeric:
        return ("plain",)
    # beside TF-IDF, whose rows have length one, a number in its own unit drowns the words
    return ("scaled",) if family.for_text else wanted


def _candidate(family: Family, problem: Problem, style: Style, variant: str, kind: str, model: Any) -> Candidate:
    own = style == "own"
    reading = "" if own else style if family.for_text else variant if family.scales else ""
    prepare = [] if own else [("prepare", build_preprocessing(problem, style, variant))]
    return Candidate(
        name=" ".join(filter(None, (family.name, kind, reading))),
        family=family.name,
        preprocessing=style if own else reading or "plain",
        pipeline=Pipeline([*prepare, ("model", model)]),
        rank=family.rank,
        costly=family.costly,
    )
