"""The part of a use case that says how its rows form windows, of event time or of so many rows."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from mlops_assets.spec.race import RacePolicy
from mlops_assets.spec.value import Value

SPAN = re.compile(r"(?P<count>\d+)(?P<unit>s|min|h|d)")
COUNT = re.compile(r"(?P<count>\d+)rows")
UNITS = {"s": timedelta(seconds=1), "min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def span(text: str) -> timedelta:
    """The length of time that a text such as 30min, 6h or 1d writes.

    Raises
    ------
    ValueError
        If it is no whole number of s, min, h or d.

    Examples
    --------
    >>> span("36h")
    datetime.timedelta(days=1, seconds=43200)
    """
    read = SPAN.fullmatch(text)
    if read is None:
        raise ValueError(f"{text!r} is not a length of time; write a whole number and a unit: 30s, 15min, 6h or 7d")
    return int(read["count"]) * UNITS[read["unit"]]


def _is_span(text: str) -> str:
    span(text)
    return text


def _is_long(text: str) -> str:
    if not (int(counted["count"]) if (counted := COUNT.fullmatch(text)) else span(text)):
        raise ValueError(f"{text!r} is no length; a window has at least 1s, or 1rows")
    return text


Span = Annotated[str, AfterValidator(_is_span)]
Length = Annotated[str, AfterValidator(_is_long)]


class Stream(Value):
    """Rows as a stream: windows, and how late rows and labels may come by event time (the column `time`)."""

    window: Length = Field(
        "1d",
        description="length of a window: of time, such as 6h, 1d or 7d, beginning at 1970-01-01 UTC; or of rows in the "
        "order in which their batches were accepted, such as 2000rows",
    )
    lateness: Span = Field("0s", description="how far behind the newest row a row may come and still be in time")
    label_delay: Span = Field("0s", description="how long after its event the truth about a row is known")
    race: RacePolicy = Field(RacePolicy(), description="how ways of learning on the stream race against each other")

    @model_validator(mode="after")
    def _rows_are_never_late(self) -> "Stream":
        if self.rows is not None and span(self.lateness):
            raise ValueError(f"lateness: {self.lateness} has no meaning for windows of {self.window}: leave it out")
        return self

    @property
    def rows(self) -> int | None:
        """Rows of a window, above 0; None for windows of time."""
        counted = COUNT.fullmatch(self.window)
        return None if counted is None else int(counted["count"])

    @property
    def length(self) -> timedelta:
        """Length of a window of time, above 0.

        Raises
        ------
        ValueError
            For windows of so many rows.
        """
        return span(self.window)

    @property
    def size(self) -> int:
        """The number under which windows of this length are kept: their seconds, or minus their rows."""
        return int(self.length.total_seconds()) if self.rows is None else -self.rows
