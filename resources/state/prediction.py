"""One answered row, as the log keeps it."""

from datetime import datetime
from typing import Any, Literal, NamedTuple

Arm = Literal["A", "B"]
Side = Literal["champion", "challenger"]
Value = str | int | float


class Prediction(NamedTuple):
    """One answered row.

    A value is None where that version did not score it: unpaired, no challenger, or not yet (the arm that did not
    answer is scored off the request's path). `asked_by` is the id of the caller's key, None where none is asked for.
    `abstained` says that the model leaves the answer to people; None where it never does.
    """

    prediction_id: str
    use_case: str
    unit_id: str
    arm: Arm
    champion_version: int
    challenger_version: int | None
    champion_value: Value | None
    challenger_value: Value | None
    answered: Value
    features: dict[str, Any]
    phase: int
    at: datetime
    degraded: bool = False
    asked_by: str | None = None
    abstained: bool | None = None

    @property
    def version(self) -> int:
        """The version that answered."""
        by_challenger = self.arm == "B" and self.challenger_version is not None
        return int(self.challenger_version or 0) if by_challenger else self.champion_version
