"""A retrain that lets the champion learn on, in place of a search."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import pandas as pd

from mlops_assets.bundle.load import load_pipeline
from mlops_assets.bundle.manifest import PIPELINE
from mlops_assets.graph.steps.models import Model
from mlops_assets.spec import UseCase
from mlops_assets.training.automl import Trained
from mlops_assets.training.board import Leaderboard, Row
from mlops_assets.training.features import BATCH, feature_frame, target_values
from mlops_assets.training.incremental.continued import continued
from mlops_assets.training.incremental.refusal import RefitNeededError
from mlops_assets.training.scoring import score
from resources.installation import Installation
from resources.state import promotions
from resources.state.retrains import retrain_of_version

ROWS_MIN = 50
TAUGHT_SHARE = 0.8  # of the new rows, in the order of time; the rest scores what they taught
SUFFIX = " continued"


@dataclass(frozen=True)
class Learner:
    """A champion that may learn on: its fitted pipeline where it has one, its family, and the batches that it knows."""

    pipeline: Any | None
    candidate: str
    family: str
    known: frozenset[str]


def learner_of(installation: Installation, use_case: UseCase, champion: Model, known: frozenset[str]) -> Learner:
    """The champion as a learner."""
    return Learner(pipeline_of(champion), recipe_of(champion), family_of(installation, use_case, champion), known)


def pipeline_of(champion: Model) -> Any | None:
    """The champion's fitted pipeline; None for a fine-tuned text model, whose bundle has none."""
    return load_pipeline(champion.folder) if PIPELINE in champion.bundle.manifest.files else None


def recipe_of(champion: Model) -> str:
    """Name of the candidate that the champion was first fitted as."""
    return champion.bundle.manifest.candidate.removesuffix(SUFFIX)


def family_of(installation: Installation, use_case: UseCase, champion: Model) -> str:
    """Model family of a version; '' for one that was registered by hand."""
    return str(_report_of(installation, use_case, champion.version).get("family", ""))


def champion_recipe(installation: Installation, use_case: UseCase) -> str:
    """What `recipe_of` says of the champion, without opening it; '' before the first, or for one registered by hand."""
    with installation.state.read() as connection:
        version = promotions.current(connection, use_case.name)
    report = {} if version is None else _report_of(installation, use_case, version)
    return str(report.get("model", "")).removesuffix(SUFFIX)


def _report_of(installation: Installation, use_case: UseCase, version: int) -> dict[str, Any]:
    """The report of the training that made a version; empty for one that was registered by hand."""
    with installation.state.read() as connection:
        made = retrain_of_version(connection, use_case.name, version)
    if made is None:
        return {}
    report: dict[str, Any] = json.loads(
        installation.lake.read_bytes(use_case.name, "candidates", f"{made.id:06d}", "report.json")
    )
    return report


def learn_on(rows: pd.DataFrame, use_case: UseCase, learner: Learner, progress: Callable[[str], None]) -> Trained:
    """The champion after the batches that it does not know; the board has one row, scored on the last of their rows.

    Batches older than all that it knows stay out: it was to learn from recent rows alone, and goes on from there.

    Parameters
    ----------
    rows : DataFrame of shape (n_samples, any)
        In the order of time, with the column `_batch`.

    Raises
    ------
    RefitNeededError
        If there are too few of them, or the champion cannot learn from them.
    """
    started = perf_counter()
    new = rows[~rows[BATCH].isin(learner.known) & (rows[BATCH] > min(learner.known, default=""))]
    if learner.pipeline is None:
        raise RefitNeededError(f"{learner.candidate} has no pipeline that could learn on; a refit is due")
    if len(new) < ROWS_MIN:
        raise RefitNeededError(f"{len(new)} rows are new to the champion, {ROWS_MIN} are due; a refit is due")
    X, y = feature_frame(new, use_case), target_values(new, use_case)
    progress(f"continuing {learner.candidate} on {len(new):,} new rows")
    cut, unseen_max = int(TAUGHT_SHARE * len(new)), use_case.drift.floors.unseen.value
    tried = continued(learner.pipeline, learner.family, X[:cut], y[:cut], unseen_max=unseen_max)
    scores = score(tried, X[cut:], y[cut:], use_case.task)
    grown = continued(learner.pipeline, learner.family, X, y, unseen_max=unseen_max)
    name, seconds = learner.candidate + SUFFIX, perf_counter() - started
    found: dict[str, tuple[float, ...]] = {metric: (value,) for metric, value in scores.items()}
    row = Row(name, learner.family, "frozen", "ok", found, seconds)
    return Trained(grown, name, learner.family, {}, Leaderboard((row,), use_case.training.metric), seconds)
