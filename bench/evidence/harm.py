"""Retrains on harm beside retrains on any drift: right decisions, how many retrains, and the loss that was paid.

Each of forty streams is calm for four batches and shifted for twelve. A retrain learns from the last six labelled
batches and serves from the next batch on. Where labels are late, a batch comes without them, and again with them one
batch later.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from threadpoolctl import threadpool_limits

from bench.evidence.shifts import SEEDS, Shift, forty, use_case
from mlops_assets.decision.follow_up import follow_up
from mlops_assets.decision.gain import ExpectedGain, expect_gain
from mlops_assets.decision.harm import Harm, find_harm
from mlops_assets.decision.loss import answer_losses
from mlops_assets.decision.retrain import Alarm, counts_as_alarm
from mlops_assets.drift.history import History, Seen
from mlops_assets.drift.reference import Reference, build_reference
from mlops_assets.drift.score import score_drift
from mlops_assets.drift.slow import BATCHES_MAX
from mlops_assets.loss.estimate import Check
from mlops_assets.loss.model_report import LossHistory, ModelReport, score_model
from mlops_assets.loss.profile import Answers, LossProfile, build_profile
from mlops_assets.loss.sketch import LossSketch, merged
from mlops_assets.spec import UseCase
from mlops_assets.training.features import feature_frame, target_values
from mlops_assets.training.unused import unused_features

CALM, SHIFTED, ROWS = 4, 12, 500
WINDOW = 6  # batches that a retrain learns from
HOLDOUT_SHARE = 0.25
DRAWS = 600  # for the limits of columns; enough here, where a shift is large or does not matter
RETRAIN_COST, HORIZON = {"classification": 50.0, "regression": 300.0}, 5_000
JUDGED_ON = 20_000  # rows that say whether a shift is harmful at all
HARMLESS_MAX, HARMFUL_MIN = 1.05, 1.1  # loss over the one before the shift


@dataclass
class Champion:
    """A model with what its bundle would carry, and what the drift log would know of it."""

    pipeline: Pipeline
    reference: Reference
    profile: LossProfile
    losses: list[LossSketch] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    history: History = field(default_factory=History)
    expected: ExpectedGain | None = None


@dataclass(frozen=True)
class Run:
    """What one policy did on one stream: batches after which it retrained, and the summed loss after the shift."""

    retrains: tuple[int, ...]
    loss: float


def train(frame: pd.DataFrame, world: UseCase, seed: int) -> Champion:
    """A boosted model, its reference and its loss profile."""
    held = np.random.default_rng(seed).random(len(frame)) < HOLDOUT_SHARE
    X, y = feature_frame(frame, world), target_values(frame, world)
    booster = HistGradientBoostingClassifier if world.task == "classification" else HistGradientBoostingRegressor
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan)
    prepare = make_column_transformer((codes, ["segment", "colour"]), remainder="passthrough")
    pipeline = make_pipeline(prepare, booster(max_iter=60, max_depth=4, early_stopping=False, random_state=0))
    pipeline.fit(X[~held], y[~held])
    answers = answers_of(pipeline, X[held])
    losses = answer_losses(answers.values, y[held], world.decision)
    profile = build_profile(X[~held], X[held], answers, losses, world.features, world.decision)
    unused = unused_features(pipeline, X[~held])
    reference = build_reference(frame[~held], world, answers.values, draws=DRAWS, unused=unused)
    return Champion(pipeline, reference, profile)


def answers_of(pipeline: Pipeline, X: pd.DataFrame) -> Answers:
    """What a model says about rows."""
    sure = pipeline.predict_proba(X).max(axis=1) if hasattr(pipeline, "predict_proba") else None
    return Answers(pipeline.predict(X), sure)


def look(champion: Champion, batch: pd.DataFrame, labels: bool, world: UseCase) -> Alarm:
    """What the drift log would say about a batch; the champion's history grows by it."""
    X = feature_frame(batch, world)
    answers = answers_of(champion.pipeline, X)
    losses = answer_losses(answers.values, target_values(batch, world), world.decision)
    known = np.full(len(batch), labels)
    history = LossHistory(champion.losses, champion.checks)
    model = score_model(champion.profile, X, answers, known, losses[known], history, world.drift)
    _remember(champion, model)
    report = score_drift(champion.reference, batch, world.drift, answers.values, champion.history)
    drifted = report.status == "drift"
    harm = find_harm(model, champion.history.alarms + 1 if drifted else 0, world.drift.rows_min)
    champion.history = History(
        scored=champion.history.scored + 1,
        alarms=champion.history.alarms + drifted,
        recent=(*champion.history.recent, Seen(report.shifts))[-BATCHES_MAX:],
    )
    return Alarm(0, "", report.status, model.status, "", _owed(champion, model, world) or harm)


def _owed(champion: Champion, model: ModelReport, world: UseCase) -> Harm | None:
    if champion.expected is None or model.losses is None:
        return None
    return follow_up(champion.expected, merged(champion.losses), len(champion.losses), world.retrain)


def _remember(champion: Champion, model: ModelReport) -> None:
    if model.losses is not None and model.check is not None:
        champion.losses.append(model.losses)
        champion.checks.append(model.check)


def follow(shift: Shift, batches: list[pd.DataFrame], world: UseCase) -> Run:
    """One policy on one stream."""
    before, stream = batches[:WINDOW], batches[WINDOW:]
    champion = train(pd.concat(before), world, 0)
    retrains, paid = [], 0.0
    for at, batch in enumerate(stream):
        paid += float(loss_of(champion, batch, world).sum()) if at >= CALM else 0.0
        seen = [look(champion, batch, not shift.late, world)]
        if shift.late and at > 0:
            seen.append(look(champion, stream[at - 1], True, world))
        if any(counts_as_alarm(alarm, world.retrain, world.drift.loss_ratio.value) for alarm in seen):
            known = batches[: WINDOW + at + (not shift.late)]
            champion = train(pd.concat(known[-WINDOW:]), world, at + 1)
            champion.expected = next(
                (expect_gain(a.harm, world.retrain) for a in seen if a.harm and a.harm.proven), None
            )
            retrains.append(at)
    return Run(tuple(retrains), paid)


def loss_of(champion: Champion, batch: pd.DataFrame, world: UseCase) -> Any:
    """The champion's loss on each row."""
    answers = answers_of(champion.pipeline, feature_frame(batch, world)).values
    return answer_losses(answers, target_values(batch, world), world.decision)


def draw(shift: Shift) -> list[pd.DataFrame]:
    """The batches of a stream: what the first champion learns from, calm ones, shifted ones."""
    rng = np.random.default_rng(shift.seed)
    return [shift.batch(rng, ROWS, at >= WINDOW + CALM) for at in range(WINDOW + CALM + SHIFTED)]


def true_ratio(shift: Shift, world: UseCase) -> float:
    """The first champion's loss after the shift over its loss before."""
    champion = train(pd.concat(draw(shift)[:WINDOW]), world, 0)
    rng = np.random.default_rng([shift.seed, 1])
    after, before = (loss_of(champion, shift.batch(rng, JUDGED_ON, moved), world).mean() for moved in (True, False))
    return float(after / before)


def compare(shift: Shift) -> tuple[Run, Run]:
    """Harm and any drift on the same stream."""
    batches = draw(shift)
    cost = RETRAIN_COST[shift.task]
    policies = ({"when": "harm", "cost": cost, "horizon_rows": HORIZON}, {"when": "any"})
    with threadpool_limits(1):  # small fits wait for each other's threads longer than they take
        on_harm, on_any = (follow(shift, batches, use_case(shift.task, **policy)) for policy in policies)
    return on_harm, on_any


def is_right(shift: Shift, run: Run) -> bool:
    """A harmful shift was retrained on, after it came and not before; a harmless one never."""
    return bool(run.retrains) and run.retrains[0] >= CALM if shift.harmful else not run.retrains


def measure(quick: bool) -> dict[str, Any]:
    """Print each shift with what both policies did; returns the share of right decisions and both ratios."""
    shifts = forty()[:: SEEDS if quick else 1]
    print("retrains on harm beside retrains on any drift, four calm and twelve shifted batches of 500 rows a stream")
    rights, counts, ratios = [], [], []
    for shift in shifts:
        on_harm, on_any = compare(shift)
        rights.append(is_right(shift, on_harm))
        counts.append((len(on_harm.retrains), len(on_any.retrains)))
        ratios.append(on_harm.loss / on_any.loss)
        ratio, when = true_ratio(shift, use_case(shift.task)), "late" if shift.late else "now "
        print(
            f"  {shift.move.__name__.replace('_', ' '):<31} {shift.task:<14} labels {when}"
            f"  loss x {ratio:4.2f}  {'right' if rights[-1] else 'WRONG'}  retrains {counts[-1][0]} to {counts[-1][1]}"
            f"  loss paid x {ratios[-1]:5.3f}"
        )
    retrains = np.sum(counts, axis=0)
    figures = {
        "harm_right": round(float(np.mean(rights)), 3),
        "harm_retrains": round(float(retrains[0] / retrains[1]), 3),
        "harm_loss": round(float(np.mean(ratios)), 4),
    }
    error = np.std(ratios, ddof=1) / np.sqrt(len(ratios))
    print(f"  right {figures['harm_right']:.1%} (90 % due); {retrains[0]} retrains to {retrains[1]} (half due)")
    print(f"  loss paid {figures['harm_loss']:.4f} +- {error:.4f} times that of any drift (1.02 due)")
    return figures


if __name__ == "__main__":
    measure(quick=False)
