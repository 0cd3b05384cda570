"""A use case as a value: one YAML file, read into frozen models that refuse what they do not know.

Every limit that a run obeys stands here with its default and, where it is a convention, its origin. Nothing in this
module reads a file, a clock or the environment.
"""

from itertools import pairwise
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from mlops_assets.spec_intake import (
    Column,
    Delimited,
    Derivation,
    Folder,
    Format,
    Glob,
    JsonLines,
    Kind,
    Label,
    Landing,
    Parquet,
    Positive,
    Share,
    Source,
    Sql,
    Task,
    Validation,
    Value,
)
from mlops_assets.spec_rules import METRICS, problems

__all__ = [
    "Column",
    "Decision",
    "Delimited",
    "Derivation",
    "DriftPolicy",
    "Feedback",
    "Folder",
    "Format",
    "Glob",
    "JsonLines",
    "Kind",
    "Label",
    "Landing",
    "Limit",
    "Parquet",
    "Positive",
    "RampStep",
    "RetrainPolicy",
    "Routing",
    "Share",
    "Source",
    "Sql",
    "Task",
    "Training",
    "UseCase",
    "Validation",
    "Value",
    "parse_label",
]


class Limit(Value):
    """A drift limit and where it comes from."""

    value: Positive = Field(description="a larger effect size is drift, where the test is significant as well")
    origin: str = Field(description="where the number comes from; shown beside it")


class DriftPolicy(Value):
    """When a batch is called different from the champion's training data.

    A column drifts when its test is significant after Holm's correction over all columns *and* at least one of its
    effect sizes passes its limit: the first keeps small batches quiet, the second large ones.
    """

    rows_min: int = Field(50, ge=2, description="fewer accepted rows: too small to say")
    alpha: Share = Field(0.01, description="chance of a false alarm per batch, over all columns together")
    numeric: dict[str, Limit] = Field(
        {
            "wasserstein": Limit(value=0.1, origin="0.1 standard deviations: Evidently's default for n > 1000"),
            "jensen_shannon": Limit(value=0.1, origin="Evidently's default distance"),
            "psi": Limit(value=0.2, origin="common alarm level, Siddiqi, Credit Risk Scorecards (2006)"),
            "mean_shift": Limit(value=0.5, origin="half a standard deviation: Cohen's medium effect (1988)"),
        },
        description="effect sizes of numeric columns, and their limits",
    )
    category: dict[str, Limit] = Field(
        {
            "jensen_shannon": Limit(value=0.1, origin="Evidently's default distance"),
            "psi": Limit(value=0.2, origin="common alarm level, Siddiqi, Credit Risk Scorecards (2006)"),
            "unseen_share": Limit(value=0.05, origin="one row in twenty has a value the champion never saw"),
        },
        description="effect sizes of categories and texts, and their limits",
    )
    missing_share: Limit = Field(
        Limit(value=0.05, origin="rise of the missing share by five points"),
        description="rise of the share of missing values in a column",
    )
    loss_ratio: Limit = Field(
        Limit(value=1.1, origin="the champion errs a tenth more than at training"),
        description="the champion's mean loss on the batch over its mean loss at training",
    )


class RetrainPolicy(Value):
    """When a new model is trained, and on which batches."""

    when: Literal["drift", "model_drift", "any"] = Field("any", description="which alarm asks for a retrain")
    rows_min: int = Field(500, gt=0, description="accepted rows before the first champion is trained")
    cooldown_s: float = Field(300, ge=0, description="seconds after a retrain in which alarms wait")
    batches: int | None = Field(None, gt=0, description="the last N accepted batches; None = all")
    days: float | None = Field(None, gt=0, description="accepted batches whose newest row is at most this old")

    @model_validator(mode="after")
    def _one_window(self) -> Self:
        if self.batches is not None and self.days is not None:
            raise ValueError("'batches' and 'days' exclude each other")
        return self


class Training(Value):
    """How candidates are built, compared and refused."""

    engine: Literal["pycaret", "lean"] = Field("pycaret", description="who drives the comparison")
    metric: str = Field(description=f"what the leaderboard is ordered by: {', '.join(METRICS)}")
    budget_s: float = Field(60.0, gt=0, description="wall-clock seconds for comparing and tuning")
    families: tuple[str, ...] = Field(
        ("linear", "tree", "lightgbm", "xgboost", "boosting", "forest"),
        description="model families that compete; a baseline always does",
    )
    preprocessing: tuple[Literal["plain", "scaled", "power"], ...] = Field(
        ("plain", "scaled", "power"), description="variants tried with families that feel them"
    )
    tune_best: int = Field(2, ge=0, description="how many of the best families are tuned in what is left of the budget")
    folds: int = Field(5, ge=2, description="of the cross-validation")
    order: Literal["random", "time"] = Field("random", description="time: folds and hold-out never look ahead")
    holdout_share: float = Field(0.2, gt=0, lt=1, description="share of the rows that no candidate is fitted on")
    worse_by_max: float = Field(
        0.0, ge=0, description="the gate lets a challenger be this much worse on the rows of old batches"
    )
    explain_rows: int = Field(200, ge=0, description="rows sampled for SHAP and permutation importance; 0 = none")
    random_state: int = Field(7, description="seed of folds, models and tuning")


class RampStep(Value):
    """One step of a canary: from this many hours after its start on, the challenger answers this share."""

    after_h: float = Field(ge=0, description="hours since the challenger arrived")
    split_b: Share = Field(description="share of units that the challenger answers from then on")


class Routing(Value):
    """How requests are split between champion (A) and challenger (B)."""

    kind: Literal["ab", "shadow", "canary"] = Field(
        "ab", description="ab: a fixed split; shadow: A answers all; canary: the split follows the ramp"
    )
    split_b: Share = Field(0.2, description="share of units that the challenger answers; POST /config changes it")
    ramp: tuple[RampStep, ...] = Field(
        (
            RampStep(after_h=0, split_b=0.01),
            RampStep(after_h=1, split_b=0.05),
            RampStep(after_h=6, split_b=0.2),
            RampStep(after_h=24, split_b=0.5),
        ),
        description="steps of a canary, in the order of time",
    )
    paired: bool = Field(True, description="both arms score each request; False where answers change the outcome")

    @model_validator(mode="after")
    def _ramp_climbs(self) -> Self:
        steps = [(step.after_h, step.split_b) for step in self.ramp]
        if not steps or steps[0][0] != 0:
            raise ValueError("'ramp' must begin with a step at after_h: 0")
        if any(later[0] <= sooner[0] or later[1] < sooner[1] for sooner, later in pairwise(steps)):
            raise ValueError("'ramp' must be ordered by after_h, and split_b must not fall")
        return self

    @model_validator(mode="after")
    def _shadow_scores(self) -> Self:
        if self.kind == "shadow" and not self.paired:
            raise ValueError("kind 'shadow' needs paired: true, or the challenger would score nothing")
        return self


class Feedback(Value):
    """What counts as the truth about a prediction."""

    expires_h: float | None = Field(
        None,
        gt=0,
        le=87_660,
        description="hours in which a truth about a prediction counts, up to ten years; None = always",
    )


class Decision(Value):
    """What promotes, rejects, or calls two models equivalent."""

    loss: Literal["zero_one", "absolute", "squared"] = Field(description="loss of one prediction")
    loss_max: Positive = Field(1.0, description="losses are clipped here, which bounds their difference")
    margin: float = Field(0.0, ge=0, description="the difference that counts, in units of the loss, fixed in advance")
    alpha: float = Field(0.05, gt=0, lt=1, description="chance of a wrong verdict, however often one looks")
    labels_min: int = Field(50, gt=0, description="labelled requests before there is a verdict")


class UseCase(Value):
    """All that makes one problem different from another."""

    name: str = Field(description="lower-case letters, digits and _; the name of its folders, assets and model")
    description: str = Field(description="one sentence; shown in every page")
    owner: str = Field("team:ml", description="an e-mail address or team:NAME; owner of the assets")
    task: Task = Field(description="what is learnt")
    target: str = Field(description="column to predict")
    time: str | None = Field(None, description="datetime column that orders the rows")
    unit: str | None = Field(None, description="column whose hash assigns an arm; None = one unit a request")
    missing: tuple[str, ...] = Field(
        ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"), description="what means missing, blanks stripped"
    )
    landing: Landing = Field(Landing(), description="where batches come from, and what is refused at the door")
    format: Format = Field(description="how the bytes of a batch are read")
    columns: dict[str, Column] = Field(description="name: column, in the order of the table")
    validation: Validation = Field(Validation(), description="rules for a batch as a whole")
    drift: DriftPolicy = Field(DriftPolicy(), description="when a batch is called different")
    retrain: RetrainPolicy = Field(RetrainPolicy(), description="when a new model is trained, and on which batches")
    training: Training = Field(description="how candidates are built, compared and refused")
    routing: Routing = Field(Routing(), description="how requests are split")
    feedback: Feedback = Field(Feedback(), description="what counts as the truth about a prediction")
    decision: Decision = Field(description="what promotes, rejects, or calls two models equivalent")
    freshness_h: Positive = Field(48.0, description="hours without a new accepted batch before the graph warns")

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for problem in problems(self):
            raise ValueError(problem)
        return self

    @property
    def features(self) -> dict[str, Column]:
        """Columns the model may use, in the order of the file."""
        usable = ("numeric", "category", "text")
        return {
            name: column
            for name, column in self.columns.items()
            if column.feature and column.kind in usable and name != self.target
        }

    @property
    def read_columns(self) -> dict[str, Column]:
        """Columns that a file must bring."""
        return {name: column for name, column in self.columns.items() if column.derive is None}

    @property
    def request_columns(self) -> tuple[str, ...]:
        """Columns of a file that the features need, directly or by derivation: what a prediction request carries."""
        needed, waiting = set(), list(self.features)
        while waiting:
            name = waiting.pop()
            derivation = self.columns[name].derive
            needed.add(name)
            waiting += derivation.of if derivation is not None else ()
        return tuple(name for name in self.read_columns if name in needed)

    @property
    def greater_is_better(self) -> bool:
        """True where a larger value of the training metric is a better model."""
        return METRICS[self.training.metric][1]


def parse_label(value: Any, use_case: UseCase) -> Label:
    """The target's value in the type the model answers with.

    Numeric targets of a classification become int, of a regression float; everything else becomes str.

    Raises
    ------
    ValueError
        If the value is missing or not a number where one is due.
    """
    if value is None or value != value:
        raise ValueError(f"{use_case.target}: a label is due, got {value!r}")
    if use_case.columns[use_case.target].kind != "numeric":
        return str(value).strip()
    number = float(value)
    if use_case.task == "regression":
        return number
    if not number.is_integer():
        raise ValueError(f"{use_case.target}: a whole number is due, got {value!r}")
    return int(number)
