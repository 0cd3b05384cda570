"""Ways of learning from a window: what becomes of a model once labels are known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sklearn.base import clone
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mlops_assets.training.incremental import CONTINUATIONS
from mlops_assets.training.incremental.continued import continued
from mlops_assets.training.incremental.refusal import RefitNeededError
from mlops_assets.training.race.window import Rows


@dataclass(frozen=True)
class Lesson:
    """What a policy may learn from.

    Attributes
    ----------
    family : str
        Of the model; says whether and how it learns on.
    fresh : Rows
        Labels that became known since the policy last learnt.
    recent, all : Rows
        Remembered rows of the last windows, and of all of them, fresh ones included.
    unseen_max : float
        Share of rows that may have a category new to a model that learns on.
    """

    family: str
    fresh: Rows
    recent: Rows
    all: Rows
    unseen_max: float


Learnt = tuple[Pipeline, str]  # the model that answers next, and a sentence on how it came about
Policy = Callable[[Pipeline, Lesson], Learnt]


def keep(model: Pipeline, lesson: Lesson) -> Learnt:
    """The model as it is."""
    return model, "kept"


def learn_on(model: Pipeline, lesson: Lesson) -> Learnt:
    """The model continued on what is fresh; where that cannot be, fitted anew on all rows, and said why."""
    fresh = lesson.fresh
    try:
        grown = continued(model, lesson.family, fresh.X, fresh.y, unseen_max=lesson.unseen_max)
    except RefitNeededError as reason:
        return _refit(model, lesson.all), f"refitted on {len(lesson.all):,} rows, because {reason}"
    return grown, f"continued on {len(fresh):,} rows"


def refit_recent(model: Pipeline, lesson: Lesson) -> Learnt:
    """The same recipe fitted on the rows of the last windows."""
    return _refit(model, lesson.recent), f"refitted on {len(lesson.recent):,} recent rows"


def refit_all(model: Pipeline, lesson: Lesson) -> Learnt:
    """The same recipe fitted on all rows that are remembered."""
    return _refit(model, lesson.all), f"refitted on {len(lesson.all):,} rows"


def _refit(model: Pipeline, rows: Rows) -> Any:
    with threadpool_limits(limits=1):
        return clone(model).fit(rows.X, rows.y)


# In the order in which they may spend the budget: cheap ones first.
POLICIES: dict[str, Policy] = {
    "keep": keep,
    "continue": learn_on,
    "refit_recent": refit_recent,
    "refit_all": refit_all,
}


def quickest(family: str) -> str:
    """The policy that learns a new truth soonest: learning on, where the family can."""
    return "continue" if family in CONTINUATIONS else "refit_recent"
