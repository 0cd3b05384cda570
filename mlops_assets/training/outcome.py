"""How a candidate's comparison ends, as a row of the board."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mlops_assets.training.board import Row, Status
from mlops_assets.training.budget import Budget
from mlops_assets.training.candidate import Candidate

REASON_MAX = 500  # characters of an error that the board shows


def finished(
    candidate: Candidate, folds: Sequence[dict[str, float]], metric: str, seconds: float, request_ms: float
) -> Row:
    """'ok' with the scores of each fold, or 'failed' where the metric is not a number on one of them."""
    scores = {name: tuple(fold[name] for fold in folds) for name in folds[0]}
    broken = [number for number, value in enumerate(scores[metric], start=1) if not np.isfinite(value)]
    if broken:
        return _row(candidate, "failed", seconds, f"{metric} is not a number on fold {broken[0]}")
    return replace(_row(candidate, "ok", seconds, ""), scores=scores, request_ms=request_ms)


def failed(candidate: Candidate, error: BaseException, seconds: float) -> Row:
    """'failed' with the error's type and words."""
    return _row(candidate, "failed", seconds, f"{type(error).__name__}: {' '.join(str(error).split())}"[:REASON_MAX])


def skipped(candidate: Candidate, reason: str, seconds: float = 0.0) -> Row:
    """'skipped' with the reason."""
    return _row(candidate, "skipped", seconds, reason)


def no_start(candidate: Candidate, budget: Budget) -> str:
    """Why a candidate is not begun, or the empty string."""
    if budget.left > candidate.expected_s:
        return ""
    if budget.left <= 0:
        return "nothing of the budget is left for it"
    return f"about {candidate.expected_s:.1f} s needed, {budget.left:.1f} s of the budget left"


def overrun(seconds: float, done: int, folds: int, budget: Budget) -> str:
    """Why the folds that remain do not fit into the budget, or the empty string.

    Parameters
    ----------
    seconds : float
        Spent on the `done` folds of this candidate so far.
    """
    needed = seconds / done * (folds - done) if done else 0.0
    if done == folds or needed <= budget.left:
        return ""
    return (
        f"{done} of {folds} folds took {seconds:.1f} s, the others do not fit into the {max(budget.left, 0):.1f} s left"
    )


def told(row: Row, metric: str, progress: Callable[[str], None]) -> Row:
    """The row itself, after one sentence about it."""
    spread = f" ± {row.std(metric):.4f}" if len(row.scores.get(metric, ())) > 1 else ""
    scored = f"{metric} {row.mean(metric):.4f}{spread}, {row.request_ms:.2f} ms a request"
    scored += f", {row.reason}" if row.reason else ""
    outcome = scored if row.status == "ok" else row.reason
    progress(f"{row.candidate}: {row.status}, {outcome} ({row.seconds:.1f} s)")
    return row


def _row(
    candidate: Candidate,
    status: Status,
    seconds: float,
    reason: str,
) -> Row:
    return Row(
        candidate=candidate.name,
        family=candidate.family,
        preprocessing=candidate.preprocessing,
        status=status,
        seconds=seconds,
        reason=reason,
        params=candidate.params,
    )
