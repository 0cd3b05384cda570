"""The parts of a use case that say where batches come from, how bytes become columns, and which rows are refused."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from mlops_assets.spec.tables import TAKES
from mlops_assets.spec.value import Share, Value

Task = Literal["classification", "regression"]
Kind = Literal["numeric", "category", "text", "datetime", "id"]
Label = str | int | float


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


class Derivation(Value):
    """A column computed from others, the same way in training and in the router."""

    take: Literal[
        "joined",
        "hour",
        "minute_of_day",
        "weekday",
        "day_of_month",
        "month",
        "is_weekend",
        "day_of_year",
        "time_of_day_sin",
        "time_of_day_cos",
        "time_of_week_sin",
        "time_of_week_cos",
        "time_of_year_sin",
        "time_of_year_cos",
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


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


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

    @field_validator("allowed", mode="before")
    @classmethod
    def _flags_are_labels(cls, values: Any) -> Any:
        """YAML reads true and false as flags, which are no labels."""
        if not isinstance(values, list | tuple):
            return values
        return tuple(str(one) if isinstance(one, bool) else one for one in values)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        words = [one for one in self.allowed or () if isinstance(one, str) and not _is_number(one)]
        if self.kind == "numeric" and words:
            raise ValueError(f"'allowed' has {words[0]!r}, which is no number, and this column is numeric")
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
