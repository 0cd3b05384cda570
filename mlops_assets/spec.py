"""A use case as a value: one YAML file, read into frozen models that refuse what they do not know.

Every limit that a run obeys stands here with its default and, where it is a convention, its origin. Nothing in this
module reads a file, a clock or the environment.
"""

from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mlops_assets.spec_rules import METRICS, TAKES, problems

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Task = Literal["classification", "regression"]
Kind = Literal["numeric", "category", "text", "datetime", "id"]
Label = str | int | float


class Value(BaseModel):
    """A frozen model that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Folder(Value):
    """Files of one folder or bucket prefix: any address fsspec understands."""

    kind: Literal["folder"] = Field(description="files of a folder or bucket prefix")
    path: str | None = Field(None, description="None = the use case's own folder below MLOPS_HOME/landing")
    pattern: str = Field("*", description="only names that match")


class Glob(Value):
    """Files below any address that a pattern with ** names."""

    kind: Literal["glob"] = Field(description="files that an address pattern names")
    pattern: str = Field(description="any fsspec address; ** crosses folders")


class Sql(Value):
    """Rows of a query, fetched again whenever the highest value of `cursor` has grown."""

    kind: Literal["sql"] = Field(description="rows of a query")
    url: str = Field(description="SQLAlchemy address; ${env:NAME} is replaced when it is opened")
    query: str = Field(description="has one bind parameter, :after")
    cursor: str = Field(description="column of the result whose highest value is the next :after")
    start: int | float | str = Field(0, description="the first :after; a text such as '1970-01-01' where it is a time")
    rows_max: int = Field(100_000, gt=0, description="rows of one fetch; the rest comes with the next")


Source = Annotated[Folder | Glob | Sql, Field(discriminator="kind")]


class Landing(Value):
    """Where batches come from, and what is refused at the door."""

    sources: tuple[Source, ...] = Field((Folder(kind="folder"),), description="where batches come from")
    quiet_s: float = Field(2.0, ge=0, description="a file whose size or time changed within this span is still written")
    same_bytes: Literal["skip", "process"] = Field("skip", description="known bytes under another name")
    same_name: Literal["process", "refuse"] = Field("process", description="new bytes under a known name")
    runs_per_tick: int = Field(25, gt=0, le=500, description="batches that one look of the sensor asks runs for")
    bytes_max: int = Field(512 * 2**20, gt=0, description="a larger file is refused")
    expansion_max: float = Field(100.0, gt=1, description="decompressed bytes over compressed bytes")
    rows_max: int = Field(5_000_000, gt=0, description="a batch with more rows is refused")
    columns_max: int = Field(2_000, gt=0, description="a batch with more columns is refused")
    line_bytes_max: int = Field(2**20, gt=0, description="a text file with a longer line is refused")


class Delimited(Value):
    """Text with a separator; the first line names the columns."""

    kind: Literal["delimited"] = Field(description="text whose first line names the columns")
    separator: str = Field(",", min_length=1, max_length=1, description="between two values")
    decimal: str = Field(".", min_length=1, max_length=1, description="the decimal sign of numbers")
    encoding: str = Field("utf-8", description="any that Python knows")


class Parquet(Value):
    """Apache Parquet."""

    kind: Literal["parquet"] = Field(description="Apache Parquet")


class JsonLines(Value):
    """One JSON object a line."""

    kind: Literal["json_lines"] = Field(description="one JSON object a line")
    encoding: str = Field("utf-8", description="any that Python knows")


Format = Annotated[Delimited | Parquet | JsonLines, Field(discriminator="kind")]


class Derivation(Value):
    """A column computed from others, the same way in training and in the router."""

    take: Literal[
        "joined",
        "hour",
        "minute_of_day",
        "weekday",
        "day_of_month",
        "month",
        "minutes_between",
        "clock_minutes_between",
        "haversine_km",
    ] = Field(description="what is computed")
    of: tuple[str, ...] = Field(description="the columns it is computed from, in order")

    @model_validator(mode="after")
    def _takes_as_many_columns(self) -> Self:
        wanted = TAKES[self.take][0]
        if len(self.of) != wanted:
            raise ValueError(f"'{self.take}' takes {wanted} column(s), got {list(self.of)}")
        return self


class Column(Value):
    """One column of the table behind the decoder's door."""

    kind: Kind = Field(description="how the values are read")
    feature: bool = Field(True, description="the model may use it; datetime and id columns never are features")
    nullable: bool = Field(True, description="False: a row without a value goes to quarantine")
    missing_share_max: Share | None = Field(None, description="a batch with a larger share is rejected")
    min: float | None = Field(None, description="a row below it goes to quarantine")
    max: float | None = Field(None, description="a row above it goes to quarantine")
    allowed: tuple[Label, ...] | None = Field(None, description="a row with another value goes to quarantine")
    format: str | None = Field(None, description="strptime format of a datetime column; None = ISO 8601")
    derive: Derivation | None = Field(None, description="None = read from the file")

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        numeric_only = [name for name in ("min", "max") if getattr(self, name) is not None]
        if numeric_only and self.kind != "numeric":
            raise ValueError(f"'{numeric_only[0]}' is for numeric columns, this one is {self.kind}")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        if self.format is not None and self.kind != "datetime":
            raise ValueError(f"'format' is for datetime columns, this one is {self.kind}")
        if self.derive is not None and TAKES[self.derive.take][1] != self.kind:
            raise ValueError(f"'{self.derive.take}' gives a {TAKES[self.derive.take][1]} column, not {self.kind}")
        return self


class Validation(Value):
    """Rules for a batch as a whole; rules for a row stand with its columns."""

    rows_min: int = Field(1, gt=0, description="a batch with fewer rows is rejected")
    quarantine_share_max: Share = Field(0.5, description="a batch with a larger share of bad rows is rejected")
    extra_columns: Literal["drop", "reject"] = Field("drop", description="columns that the use case does not declare")
    outlier_iqr: float = Field(3.0, gt=0, description="Tukey (1977): beyond 3 interquartile ranges is 'far out'")


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

    expires_h: Positive | None = Field(
        None, description="hours after its prediction in which a truth counts as evidence; None = always"
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
