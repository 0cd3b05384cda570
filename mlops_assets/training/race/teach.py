"""The models of a race, and how each policy brings its own up to date within a budget."""

from dataclasses import dataclass, field

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mlops_assets.training.budget import Budget
from mlops_assets.training.race.policies import POLICIES, Lesson
from mlops_assets.training.race.remembered import Remembered
from mlops_assets.training.race.rules import Rules
from mlops_assets.training.race.window import Rows

CLASSES_MIN = 2


@dataclass(frozen=True)
class Taught:
    """The model of each policy, how it came about, and what it cost.

    Attributes
    ----------
    models : dict[str, Pipeline]
    sentences : dict[str, str]
        How each came about before the window at hand.
    seconds : dict[str, float]
        What its last fit or continuation took.
    owed : dict[str, Rows]
        What a policy has not learnt yet, because it did not fit into the budget.
    """

    models: dict[str, Pipeline]
    sentences: dict[str, str]
    seconds: dict[str, float]
    owed: dict[str, Rows] = field(default_factory=dict)

    def untaught(self) -> "Taught":
        """The same models for another window, because no label came."""
        return Taught(self.models, dict.fromkeys(POLICIES, "no new label"), self.seconds, self.owed)


def first_model(remembered: Remembered, rules: Rules) -> Taught | None:
    """One model for all policies, once there are rows enough, and more than one class of them; None before."""
    rows = remembered.rows
    if len(rows) < rules.policy.rows_min or (is_classifier(rules.recipe) and len(np.unique(rows.y)) < CLASSES_MIN):
        return None
    started = rules.stopwatch()
    with threadpool_limits(limits=1):
        model = clone(rules.recipe).fit(rows.X, rows.y)
    seconds = rules.stopwatch() - started
    return Taught(
        dict.fromkeys(POLICIES, model),
        dict.fromkeys(POLICIES, f"first fit, on {len(rows):,} rows"),
        dict.fromkeys(POLICIES, seconds),
    )


def teach(taught: Taught, fresh: Rows, remembered: Remembered, rules: Rules) -> Taught:
    """Every policy's next model; what would overrun the budget is left as it is, and its sentence says so."""
    budget = Budget(rules.policy.budget_s, rules.stopwatch)
    models, sentences, seconds, owed = dict(taught.models), {}, dict(taught.seconds), {}
    recent = remembered.recent(rules.policy.recent)
    for name, policy in POLICIES.items():
        mine = taught.owed[name] + fresh if name in taught.owed else fresh
        if budget.left < seconds[name] and name != "keep":
            sentences[name] = (
                f"skipped: about {seconds[name]:.1f} s needed, {max(budget.left, 0):.1f} s of the budget left"
            )
            owed[name] = mine.last(rules.policy.rows_max)
            continue
        started = budget.spent
        try:
            lesson = Lesson(rules.family, mine, recent, remembered.rows, rules.unseen_max)
            models[name], sentences[name] = policy(models[name], lesson)
        except ValueError as error:  # such as rows of one class alone
            sentences[name] = f"left as it was: {error}"
        seconds[name] = budget.spent - started
    return Taught(models, sentences, seconds, owed)
