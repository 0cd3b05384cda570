"""A fitted candidate with all that is known of it: the value between training, its record and its registration."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from mlops_assets.bundle.export import write_bundle
from mlops_assets.bundle.manifest import Manifest
from mlops_assets.drift.reference import Reference
from mlops_assets.loss.profile import LossProfile
from mlops_assets.spec import UseCase
from mlops_assets.training.abstain import Abstaining
from mlops_assets.training.assess import Assessment
from mlops_assets.training.automl import Trained
from mlops_assets.training.evaluation import Interval
from mlops_assets.training.features import feature_frame
from mlops_assets.training.promise import Promise, promised_by


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
    abstaining: Abstaining | None
    plots: dict[str, bytes]
    explained: dict[str, Any]
    rows_trained: int
    traits: dict[str, float]

    @property
    def metrics(self) -> dict[str, float]:
        """Every metric on the held-out rows."""
        return {name: found.estimate for name, found in self.intervals.items()}

    @property
    def promise(self) -> Promise | None:
        """What its folds promise for the rows that come next; None where they are not in the order of time."""
        return promised_by(self.trained.board, self.trained.name, self.use_case.training.order)

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
            "promise": None if self.promise is None else asdict(self.promise),
            "explained": self.explained,
            "abstention": None if self.abstaining is None else asdict(self.abstaining.limit),
            "fit_record": self.trained.record,
        }

    def write(self, folder: Path, *, data_hash: str, created: str) -> Manifest:
        """The bundle of this candidate, in a new folder."""
        spans = None if self.abstaining is None else self.abstaining.spans
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
            abstention=None if self.abstaining is None else self.abstaining.limit.to_json(),
            spans=None if spans is None else spans.to_bytes(),
            data_hash=data_hash,
            created=created,
        )
