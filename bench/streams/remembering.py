"""What remembering earlier trainings saves: seconds until the eventual winner is on the board, with and without."""

from time import process_time

import numpy as np

from bench.streams.problems import Stream
from mlops_assets.training.budget import Budget
from mlops_assets.training.candidates import BASELINE, build_candidates, describe_problem
from mlops_assets.training.engines.lean import open_comparison
from mlops_assets.training.engines.protocol import Comparison
from mlops_assets.training.folds import make_folds
from mlops_assets.training.memory.proposal import Past, proposed
from mlops_assets.training.memory.traits import traits_of

ROWS, FOLDS = 400, 2


def until_winner(stream: Stream, past: list[Past]) -> tuple[float, float, Past]:
    """Processor seconds until the winner stood on the board in the usual order and in the proposed; what is learnt.

    Candidates are compared once, on the last rows before two thirds of the stream: what one costs does not depend on
    its place. A blank memory proposes nothing, so that both are the same.
    """
    rows = np.flatnonzero(stream.window < len(stream.starts) * 2 // 3)[-ROWS:]
    X, y = stream.X.iloc[rows].reset_index(drop=True), stream.y[rows]
    settings = stream.use_case.training.model_copy(update={"folds": FOLDS})
    problem = describe_problem(X, stream.use_case)
    usual = build_candidates(problem, stream.use_case)
    comparison = Comparison(X, y, make_folds(y, "regression", settings), "regression", "mae", 0)
    board = open_comparison(comparison)(usual, Budget(1e9, process_time), lambda _: None)
    seconds = {row.candidate: row.seconds for row in board}
    best = sorted((row for row in board if row.status == "ok"), key=lambda row: row.mean("mae"))
    traits = traits_of(X, y, "regression")
    ordered = build_candidates(problem, stream.use_case, proposed(past, traits))
    spent = [_until([one.name for one in order], best[0].candidate, seconds) for order in (usual, ordered)]
    families = tuple(name for name in dict.fromkeys(row.family for row in best) if name != BASELINE)
    return spent[0], spent[1], Past(traits, families)


def _until(names: list[str], winner: str, seconds: dict[str, float]) -> float:
    return sum(seconds[name] for name in names[: names.index(winner) + 1])
