"""Random search over the best families, candidate by candidate, within what is left of the budget."""

from dataclasses import replace
from math import prod

from sklearn.base import clone
from sklearn.model_selection import ParameterSampler

from mlops_assets.training.board import Leaderboard, Row
from mlops_assets.training.candidate import Candidate
from mlops_assets.training.families import FAMILIES

DRAWS = 30  # a family; the budget ends the search long before on all but small tables


def tuning_rounds(
    candidates: list[Candidate], board: Leaderboard, best: int, random_state: int
) -> list[list[Candidate]]:
    """Rounds of one variation of the best candidate of each of the `best` best families.

    Only families with something to tune count. The draws depend on `random_state` alone.
    """
    by_name = {candidate.name: candidate for candidate in candidates}
    chosen: dict[str, Row] = {}
    for row in board.ok:
        if row.family in FAMILIES and FAMILIES[row.family].distributions:
            chosen.setdefault(row.family, row)
    searches = [
        _draws(replace(by_name[row.candidate], expected_s=row.seconds), random_state)
        for row in list(chosen.values())[:best]
    ]
    return [list(turn) for turn in zip(*searches, strict=False)]


def _draws(candidate: Candidate, random_state: int) -> list[Candidate]:
    known = candidate.pipeline.get_params()
    distributions = {
        name: values for name, values in FAMILIES[candidate.family].distributions.items() if f"model__{name}" in known
    }
    draws = min(DRAWS, prod(len(values) for values in distributions.values()))
    sampler = ParameterSampler(distributions, draws, random_state=random_state)
    return [_with_params(candidate, params, number) for number, params in enumerate(sampler, start=1)]


def _with_params(candidate: Candidate, params: dict[str, object], number: int) -> Candidate:
    model_params = {f"model__{name}": value for name, value in params.items()}
    pipeline = clone(candidate.pipeline).set_params(**model_params)
    return replace(candidate, name=f"{candidate.name} tuned {number}", pipeline=pipeline, params=params)
