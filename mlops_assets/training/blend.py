"""The mean of the best few as one more candidate."""

from sklearn.base import clone
from sklearn.ensemble import VotingClassifier, VotingRegressor
from sklearn.pipeline import Pipeline

from mlops_assets.spec import Task
from mlops_assets.training.board import Leaderboard, Row
from mlops_assets.training.candidate import Candidate
from mlops_assets.training.candidates import BASELINE

MEMBERS = 3


def blended(candidates: list[Candidate], board: Leaderboard, task: Task) -> Candidate | None:
    """Mean of what the best candidate of each of the best families says; None if there is only one family."""
    by_name = {candidate.name: candidate for candidate in candidates}
    best: dict[str, Row] = {}
    for row in board.ok:
        if row.family != BASELINE:
            best.setdefault(row.family, row)
    rows = list(best.values())[:MEMBERS]
    if len(rows) < 2:
        return None
    members = [by_name[row.candidate] for row in rows]
    estimators = [(member.name.replace(" ", "_"), clone(member.pipeline)) for member in members]
    model = VotingRegressor(estimators)
    if task == "classification":  # the exporter knows no flattened transform
        model = VotingClassifier(estimators, voting="soft", flatten_transform=False)
    return Candidate(
        name=f"blend of {', '.join(member.name for member in members)}",
        family="blend",
        preprocessing="own",
        pipeline=Pipeline([("model", model)]),
        rank=sum(member.rank for member in members),
        expected_s=sum(row.seconds for row in rows),
    )
