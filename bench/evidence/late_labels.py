"""Experiments whose labels come later where one model was wrong, judged while they run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_assets.decision.confidence import labels_until_above
from mlops_assets.decision.maturity import allowance, mature
from mlops_assets.decision.unpaired import unpaired_differences
from mlops_assets.decision.verdict import Differences
from mlops_assets.spec import Decision

DAYS, ANSWERS_A_DAY, LOOKS = 20, 400, 40
QUICK_H, SLOW_H = 2.0, 48.0  # mean delay of labels, exponential
ERROR, DISAGREE = 0.3, 0.2
DECISION = Decision(loss="zero_one")


@dataclass(frozen=True)
class Late:
    """Share of experiments without a difference that promote at some look: by labels as they come, and by our rule."""

    naive: float
    ours: float


@dataclass(frozen=True, eq=False)
class Course:
    """One experiment: hours of answers and of labels, which arm answered, and the loss, or the difference of losses."""

    answered_h: NDArray[np.float64]
    labelled_h: NDArray[np.float64]
    of_b: NDArray[np.bool_]
    losses: NDArray[np.float64]
    paired: bool


def late_promotions(runs: int, *, paired: bool) -> Late:
    """Run experiments in which both models are equally good."""
    found = np.array([_promotes(_course(seed, paired)) for seed in range(runs)])
    return Late(float(found[:, 0].mean()), float(found[:, 1].mean()))


def _course(seed: int, paired: bool) -> Course:
    """Slow are the labels where B answered and was wrong; where both score each row, those where A alone was right."""
    rng, n = np.random.default_rng([5, seed]), DAYS * ANSWERS_A_DAY
    answered, of_b = np.sort(rng.uniform(0, 24 * DAYS, n)), rng.random(n) < 0.5
    if paired:
        drawn = rng.random(n)
        losses = np.where(drawn < DISAGREE / 2, 1.0, np.where(drawn < DISAGREE, -1.0, 0.0))
        slow = losses < 0
    else:
        losses = (rng.random(n) < ERROR).astype(np.float64)
        slow = of_b & (losses > 0)
    lags = np.where(slow, rng.exponential(SLOW_H, n), rng.exponential(QUICK_H, n))
    return Course(answered, answered + lags, of_b, losses, paired)


def _promotes(course: Course) -> tuple[bool, bool]:
    naive = ours = False
    for now in np.linspace(12, 24 * DAYS, LOOKS):
        came = np.flatnonzero(course.labelled_h <= now)
        if len(came) < DECISION.labels_min:
            continue
        naive = naive or _above(course, came[np.argsort(course.labelled_h[came], kind="stable")], None)
        ours = ours or _by_our_rule(course, came, float(now))
    return naive, ours


def _by_our_rule(course: Course, came: NDArray[np.int64], now: float) -> bool:
    lags = 3600 * (course.labelled_h - course.answered_h)[came]
    kinds = (np.sign(course.losses[came]) + 3 * course.of_b[came]).astype(np.int64)
    found = mature(lags, 3600 * (now - course.answered_h[came]), kinds, DECISION.matured)
    counted = came[found.counts]
    return len(counted) >= DECISION.labels_min and _above(course, counted, found.missing[found.counts])


def _above(course: Course, rows: NDArray[np.int64], missing: NDArray[np.float64] | None) -> bool:
    """Whether these rows, in this order, promote the challenger."""
    losses = course.losses[rows]
    differences = (
        Differences(losses, -1.0, 1.0)
        if course.paired
        else unpaired_differences(losses, course.of_b[rows], 0.5, DECISION)
    )
    bound = 0.0 if missing is None else allowance(differences.values, missing)
    labels = labels_until_above(differences.values, bound, differences.low, differences.high, DECISION.alpha)
    return labels is not None
