"""The part of a use case that says how its rows form windows of event time."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from mlops_assets.spec_intake import Value
from mlops_assets.spec_race import RacePolicy

SPAN = re.compile(r"(?P<count>\d+)(?P<unit>s|min|h|d)")
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
    if not span(text):
        raise ValueError(f"{text!r} is no length; a window is at least 1s long")
    return text


Span = Annotated[str, AfterValidator(_is_span)]
Length = Annotated[str, AfterValidator(_is_long)]


class Stream(Value):
    """Rows as a stream: windows of event time (the column `time`), and how late rows and labels may come."""

    window: Length = Field(
        "1d", description="length of a window, such as 6h, 1d or 7d; windows begin at 1970-01-01 UTC"
    )
    lateness: Span = Field("0s", description="how far behind the newest row a row may come and still be in time")
    label_delay: Span = Field("0s", description="how long after its event the truth about a row is known")
    race: RacePolicy = Field(RacePolicy(), description="how ways of learning on the stream race against each other")

    @property
    def length(self) -> timedelta:
        """Length of a window, above 0."""
        return span(self.window)
