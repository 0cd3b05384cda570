"""A fitted candidate with all that is known of it: the value between training, its record and its registration."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.bundle.abstention import Abstention
from mlops_assets.bundle.export import write_bundle
from mlops_assets.bundle.manifest import Manifest
from mlops_assets.decision.loss import predicted_losses
from mlops_assets.drift.reference import Reference, build_reference
from mlops_assets.graph.steps.continuing import Learner, learn_on
from mlops_assets.graph.steps.explanation import draw, explain, plain, text_columns
from mlops_assets.graph.steps.models import Model
from mlops_assets.graph.steps.topics import topics_of
from mlops_assets.loss.profile import Answers, LossProfile, build_profile
from mlops_assets.spec import UseCase
from mlops_assets.training.abstain import learn_abstention
from mlops_assets.training.assess import Assessment, assess
from mlops_assets.training.automl import Trained, train
from mlops_assets.training.evaluation import Interval, evaluate_intervals
from mlops_assets.training.features import feature_frame, group_values, split_holdout, target_values
from mlops_assets.training.incremental.refusal import RefitNeededError
from mlops_assets.training.memory.proposal import Past, proposed
from mlops_assets.training.memory.traits import traits_of
from mlops_assets.training.unused import unused_features

ROWS_MIN = 50


@dataclass(frozen=True)
class Fitted:
    """The winner of a leaderboard, its answers on held-out rows, and its place beside the champion."""

    use_case: UseCase
    trained: Trained
    holdout: pd.DataFrame
    truth: NDArray[Any]
    predictions: NDArray[Any]
    intervals: dict[str, Interval]
    assessment: Assessment
    reference: Reference
    loss_profile: LossProfile
    abstention: Abstention | None
    plots: dict[str, bytes]
    explained: dict[str, Any]
    rows_trained: int
    traits: dict[str, float]

    @property
    def metrics(self) -> dict[str, float]:
        """Every metric on the held-out rows."""
        return {name: found.estimate for name, found in self.intervals.items()}

    def report(self) -> dict[str, Any]:
        """What the gate and people need, JSON-ready."""
        return {
            "model": self.trained.name,
            "family": self.trained.family,
            "params": self.trained.params,
            "metrics": {name: asdict(found) for name, found in self.intervals.items()},
            "assessment": self.assessment.to_dict(),
            "rows_trained": self.rows_trained,
            "traits": self.traits,
            "rows_holdout": len(self.truth),
            "leaderboard": self.trained.board.to_records(),
            "explained": self.explained,
            "abstention": None if self.abstention is None else asdict(self.abstention),
            "fit_record": self.trained.record,
        }

    def write(self, folder: Path, *, data_hash: str, created: str) -> Manifest:
        """The bundle of this candidate, in a new folder."""
        return write_bundle(
            folder,
            self.trained.pipeline,
            self.use_case,
            self.reference.to_bytes(),
            feature_frame(self.holdout, self.use_case),
            self.truth,
            candidate=self.trained.name,
            metrics=self.metrics,
            losses=self.assessment.losses,
            loss_profile=self.loss_profile.to_bytes(),
            abstention=None if self.abstention is None else self.abstention.to_json(),
            data_hash=data_hash,
            created=created,
        )


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
    train_rows, holdout = split_holdout(frame, use_case)
    if len(holdout) == 0 or len(train_rows) < ROWS_MIN:
        raise ValueError(
            f"{use_case.name}: {len(train_rows)} rows to train on and {len(holdout)} held out; "
            f"at least {ROWS_MIN} and 1 are due: land more data"
        )
    X, y = feature_frame(train_rows, use_case), target_values(train_rows, use_case)
    groups = group_values(train_rows, use_case)
    traits = traits_of(X, y, use_case.task)
    if first := proposed(past, traits):
        progress(f"on rows like these {first[0]} did best before: it is compared first")
    search = partial(train, X, y, use_case, progress, groups=groups, first=first)
    trained = search() if learner is None else _learn_on_or(search, train_rows, use_case, learner, progress)
    progress(f"judging {trained.name} on {len(holdout)} held-out rows")
    X_holdout, truth = feature_frame(holdout, use_case), target_values(holdout, use_case)
    predictions = np.asarray(trained.pipeline.predict(X_holdout))
    probabilities = trained.pipeline.predict_proba(X_holdout) if use_case.task == "classification" else None
    classes = None if probabilities is None else trained.pipeline.classes_
    mine = predicted_losses(predictions, probabilities, classes, truth, use_case.decision)
    theirs = None if champion is None else _losses_of(champion, X_holdout, truth, use_case)
    assessment = assess(holdout, mine, theirs, champion_batches, use_case)
    explained = explain(trained, X_holdout, truth, use_case, progress)
    profile = build_profile(
        X,
        X_holdout,
        Answers(predictions, None if probabilities is None else probabilities.max(axis=1)),
        assessment.losses,
        columns=use_case.features,
        decision=use_case.decision,
    )
    return Fitted(
        use_case=use_case,
        trained=trained,
        holdout=holdout,
        truth=truth,
        predictions=predictions,
        intervals=evaluate_intervals(trained.pipeline, X_holdout, truth, use_case),
        assessment=assessment,
        reference=build_reference(
            train_rows,
            use_case,
            predictions,
            topics=topics_of(trained.pipeline, X, len(holdout)),
            held_out=holdout,
            unused=unused_features(trained.pipeline, X),
        ),
        loss_profile=profile,
        abstention=None
        if probabilities is None
        else learn_abstention(trained.pipeline, (X, y, groups), (probabilities, truth), use_case, progress),
        plots=draw(trained, explained, predictions, truth, probabilities, X_holdout[text_columns(use_case)]),
        explained=plain(explained),
        rows_trained=len(train_rows),
        traits=traits,
    )


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


def _losses_of(champion: Model, X: pd.DataFrame, truth: NDArray[Any], use_case: UseCase) -> NDArray[np.float64]:
    found = champion.bundle.predict(X)
    return predicted_losses(found.values, found.probabilities, champion.bundle.classes, truth, use_case.decision)
