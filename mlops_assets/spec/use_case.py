"""The whole of a use case, and what follows from its parts together."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from mlops_assets.spec.codes import code
from mlops_assets.spec.documents import Reading
from mlops_assets.spec.drift import DriftPolicy, RetrainPolicy
from mlops_assets.spec.experiment import Decision, Feedback, Routing
from mlops_assets.spec.intake import Column, Delimited, JsonLines, Label, Landing, Parquet, Task, Validation
from mlops_assets.spec.rules import problems
from mlops_assets.spec.stream import Stream
from mlops_assets.spec.tables import METRICS
from mlops_assets.spec.training import Training
from mlops_assets.spec.value import Positive, Value

Format = Annotated[Delimited | Parquet | JsonLines | Reading, Field(discriminator="kind")]


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

    Numeric targets of a classification become int, of a regression float; everything else the code that it means.

    Raises
    ------
    ValueError
        If the value is missing or not a number where one is due.
    """
    if value is None or value != value:
        raise ValueError(f"{use_case.target}: a label is due, got {value!r}")
    if use_case.columns[use_case.target].kind != "numeric":
        return code(str(value))
    number = float(value)
    if use_case.task == "regression":
        return number
    if not number.is_integer():
        raise ValueError(f"{use_case.target}: a whole number is due, got {value!r}")
    return int(number)
