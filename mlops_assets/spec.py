"""A use case as a value: one YAML file, read into frozen models that refuse what they do not know.

Every limit that a run obeys stands here with its default and, where it is a convention, its origin. Nothing in this
module reads a file, a clock or the environment.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from mlops_assets.spec_documents import Reading
from mlops_assets.spec_drift import DriftPolicy, Floors, Limit, RetrainPolicy
from mlops_assets.spec_experiment import Decision, Feedback, RampStep, Routing
from mlops_assets.spec_intake import (
    Column,
    Delimited,
    Derivation,
    Folder,
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
from mlops_assets.spec_race import RacePolicy
from mlops_assets.spec_rules import METRICS, problems
from mlops_assets.spec_stream import Stream
from mlops_assets.spec_training import Bert

__all__ = [
    "Bert",
    "Column",
    "Decision",
    "Delimited",
    "Derivation",
    "DriftPolicy",
    "Feedback",
    "Floors",
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
    "RacePolicy",
    "RampStep",
    "Reading",
    "RetrainPolicy",
    "Routing",
    "Share",
    "Source",
    "Sql",
    "Stream",
    "Task",
    "Training",
    "UseCase",
    "Validation",
    "Value",
    "parse_label",
]


Format = Annotated[Delimited | Parquet | JsonLines | Reading, Field(discriminator="kind")]


class Training(Value):
    """How candidates are built, compared and refused."""

    engine: Literal["pycaret", "lean"] = Field("pycaret", description="who drives the comparison")
    metric: str = Field(description=f"what the leaderboard is ordered by: {', '.join(METRICS)}")
    budget_s: float = Field(60.0, gt=0, description="wall-clock seconds for comparing and tuning")
    families: tuple[str, ...] = Field(
        (
            "linear",
            "tree",
            "lightgbm",
            "xgboost",
            "boosting",
            "forest",
            "tfidf_linear",
            "tfidf_svm",
            "tfidf_forest",
        ),
        description="model families that compete; a baseline always does, those on TF-IDF only where there is text; "
        "tfidf_network needs the extra [torch], bert and cascade the extra [bert] and minutes, so they compete only "
        "where they are named",
    )
    preprocessing: tuple[Literal["plain", "scaled", "power"], ...] = Field(
        ("plain", "scaled", "power"), description="variants tried with families that feel them"
    )
    prefer: Literal["best", "cheaper_if_equivalent"] = Field(
        "best", description="what wins: the best score, or the cheapest request within one standard error of it"
    )
    tune_best: int = Field(2, ge=0, description="how many of the best families are tuned in what is left of the budget")
    folds: int = Field(5, ge=2, description="of the cross-validation")
    order: Literal["random", "time"] = Field("random", description="time: folds and hold-out never look ahead")
    groups: str | None = Field(
        None, description="column whose equal values stay on one side of every fold and of the hold-out; None = rows"
    )
    abstain_error: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="share of rows whose class may be missing among the possible ones; answers then say whether the "
        "model abstains; None = it never does",
    )
    holdout_share: float = Field(0.2, gt=0, lt=1, description="share of the rows that no candidate is fitted on")
    worse_by_max: float = Field(
        0.0, ge=0, description="the gate lets a challenger be this much worse on the rows of old batches"
    )
    explain_rows: int = Field(
        200, ge=0, description="rows sampled for SHAP, permutation importance and the words that move answers; 0 = none"
    )
    random_state: int = Field(7, description="seed of folds, models and tuning")
    bert: Bert = Field(Bert(), description="what the families bert and cascade fine-tune, and how long")


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
    stream: Stream | None = Field(None, description="windows of event time, or of so many rows; None = batches alone")
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
