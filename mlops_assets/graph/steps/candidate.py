"""From a training set to a fitted candidate: one side of it trains, the other judges."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.decision.loss import predicted_losses
from mlops_assets.drift.reference import Reference, build_reference
from mlops_assets.graph.steps.continuing import Learner, learn_on
from mlops_assets.graph.steps.explanation import draw, explain, plain, text_columns
from mlops_assets.graph.steps.fitted import Fitted
from mlops_assets.graph.steps.models import Model
from mlops_assets.graph.steps.topics import topics_of
from mlops_assets.loss.profile import Answers, LossProfile, build_profile
from mlops_assets.spec import UseCase
from mlops_assets.training.abstain import Abstaining, learn_abstention
from mlops_assets.training.assess import Assessment, assess
from mlops_assets.training.automl import Trained, train
from mlops_assets.training.evaluation import evaluate_intervals
from mlops_assets.training.features import feature_frame, group_values, split_holdout, target_values
from mlops_assets.training.incremental.refusal import RefitNeededError
from mlops_assets.training.memory.proposal import Past, proposed
from mlops_assets.training.memory.traits import traits_of
from mlops_assets.training.unused import unused_features

ROWS_MIN = 50


@dataclass(frozen=True)
class _Side:
    """Rows on one side of the split, and X and y of them."""

    rows: pd.DataFrame
    X: pd.DataFrame
    y: NDArray[Any]


@dataclass(frozen=True)
class _Answered:
    """What a model says of held-out rows: probabilities and classes where it classifies."""

    values: NDArray[Any]
    probabilities: NDArray[np.float64] | None
    classes: NDArray[Any] | None


def fit_candidate(
    frame: pd.DataFrame,
    use_case: UseCase,
    champion: Model | None,
    champion_batches: frozenset[str],
    progress: Callable[[str], None],
    learner: Learner | None = None,
    past: Sequence[Past] = (),
) -> Fitted:
    """Train on one side of a training set, judge on the other.

    Parameters
    ----------
    learner : Learner or None
        The champion, where it is to learn on in place of a search; where it cannot, the search takes place.
    past : sequence of Past
        Earlier trainings, whose best families on rows like these are compared first.

    Raises
    ------
    ValueError
        If there are too few rows to hold some out.
    """
    learnt, held_out = _sides(frame, use_case)
    groups, traits = group_values(learnt.rows, use_case), traits_of(learnt.X, learnt.y, use_case.task)
    search = partial(_search, learnt, groups, proposed(past, traits), use_case, progress)
    trained = search() if learner is None else _learn_on_or(search, learnt.rows, use_case, learner, progress)
    progress(f"judging {trained.name} on {len(held_out.rows)} held-out rows")
    answered = _answer(trained, held_out.X, use_case)
    assessment = _assess(answered, held_out, champion, champion_batches, use_case)
    explained = explain(trained, held_out.X, held_out.y, use_case, progress)
    texts = held_out.X[text_columns(use_case)]
    return Fitted(
        use_case=use_case,
        trained=trained,
        holdout=held_out.rows,
        truth=held_out.y,
        predictions=answered.values,
        intervals=evaluate_intervals(trained.pipeline, held_out.X, held_out.y, use_case),
        assessment=assessment,
        reference=_reference(trained, learnt, held_out, answered, use_case),
        loss_profile=_loss_profile(learnt, held_out, answered, assessment, use_case),
        abstaining=_abstention(trained, learnt, groups, held_out, answered, use_case, progress),
        plots=draw(trained, explained, answered.values, held_out.y, answered.probabilities, texts),
        explained=plain(explained),
        rows_trained=len(learnt.rows),
        traits=traits,
    )


def _sides(frame: pd.DataFrame, use_case: UseCase) -> tuple[_Side, _Side]:
    train_rows, holdout = split_holdout(frame, use_case)
    if len(holdout) == 0 or len(train_rows) < ROWS_MIN:
        raise ValueError(
            f"{use_case.name}: {len(train_rows)} rows to train on and {len(holdout)} held out; "
            f"at least {ROWS_MIN} and 1 are due: land more data"
        )
    learnt, held_out = (
        _Side(rows, feature_frame(rows, use_case), target_values(rows, use_case)) for rows in (train_rows, holdout)
    )
    return learnt, held_out


def _search(
    learnt: _Side,
    groups: NDArray[Any] | None,
    first: Sequence[str],
    use_case: UseCase,
    progress: Callable[[str], None],
) -> Trained:
    if first:
        progress(f"on rows like these {first[0]} did best before: it is compared first")
    return train(learnt.X, learnt.y, use_case, progress, groups=groups, first=first)


def _answer(trained: Trained, X: pd.DataFrame, use_case: UseCase) -> _Answered:
    values = np.asarray(trained.pipeline.predict(X))
    if use_case.task != "classification":
        return _Answered(values, None, None)
    return _Answered(values, trained.pipeline.predict_proba(X), trained.pipeline.classes_)


def _assess(
    answered: _Answered,
    held_out: _Side,
    champion: Model | None,
    champion_batches: frozenset[str],
    use_case: UseCase,
) -> Assessment:
    mine = predicted_losses(answered.values, answered.probabilities, answered.classes, held_out.y, use_case.decision)
    theirs = None if champion is None else _losses_of(champion, held_out, use_case)
    return assess(held_out.rows, mine, theirs, champion_batches, use_case)


def _reference(trained: Trained, learnt: _Side, held_out: _Side, answered: _Answered, use_case: UseCase) -> Reference:
    return build_reference(
        learnt.rows,
        use_case,
        answered.values,
        topics=topics_of(trained.pipeline, learnt.X, len(held_out.rows)),
        held_out=held_out.rows,
        unused=unused_features(trained.pipeline, learnt.X),
    )


def _loss_profile(
    learnt: _Side, held_out: _Side, answered: _Answered, assessment: Assessment, use_case: UseCase
) -> LossProfile:
    confidence = None if answered.probabilities is None else answered.probabilities.max(axis=1)
    return build_profile(
        learnt.X,
        held_out.X,
        Answers(answered.values, confidence),
        assessment.losses,
        columns=use_case.features,
        decision=use_case.decision,
    )


def _abstention(
    trained: Trained,
    learnt: _Side,
    groups: NDArray[Any] | None,
    held_out: _Side,
    answered: _Answered,
    use_case: UseCase,
    progress: Callable[[str], None],
) -> Abstaining | None:
    if answered.probabilities is None:
        return None
    held = (held_out.X, answered.probabilities, held_out.y)
    return learn_abstention(trained.pipeline, (learnt.X, learnt.y, groups), held, use_case, progress)


def _learn_on_or(
    search: Callable[[], Trained],
    rows: pd.DataFrame,
    use_case: UseCase,
    learner: Learner,
    progress: Callable[[str], None],
) -> Trained:
    try:
        return learn_on(rows, use_case, learner, progress)
    except RefitNeededError as reason:
        progress(f"not continued: {reason}")
        return search()


def _losses_of(champion: Model, held_out: _Side, use_case: UseCase) -> NDArray[np.float64]:
    found = champion.bundle.answer_table(held_out.rows)
    classes = champion.bundle.classes
    return predicted_losses(found.values, found.probabilities, classes, held_out.y, use_case.decision)
