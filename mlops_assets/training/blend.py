"""The mean of the best few as one more candidate."""

from sklearn.base import clone
from sklearn.ensemble import VotingClassifier, VotingRegressor
from sklearn.pipeline import Pipeline

from mlops_assets.spec import Task
from mlops_assets.training.board import Leaderboard
from mlops_assets.training.candidate import Candidate

MEMBERS = 3


def blended(candidates: list[Candidate], board: Leaderboard, task: Task) -> Candidate | None:
    """Mean of what the best candidate of each of the best families says; None if there is only one family."""
    by_name = {candidate.name: candidate for candidate in candidates}
    best: dict[str, Candidate] = {}
    for row in board.ok:
        if row.family != "dummy":
            best.setdefault(row.family, by_name[row.candidate])
    members = list(best.values())[:MEMBERS]
    if len(members) < 2:
        return None
    estimators = [(member.name.replace(" ", "_"), clone(member.pipeline)) for member in members]
    model = (
        VotingClassifier(estimators, voting="soft", flatten_transform=False)
        if task == "classification"
        else VotingRegressor(estimators)
    )
    return Candidate(
        name=f"blend of {', '.join(member.name for member in members)}",
        family="blend",
        preprocessing="own",
        pipeline=Pipeline([("model", model)]),
        rank=sum(member.rank for member in members),
    )
