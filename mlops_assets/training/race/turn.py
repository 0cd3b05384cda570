"""What a race writes down about one window."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Turn:
    """One window of a race.

    Attributes
    ----------
    window : str
        Its name.
    rows : int
        Rows that were answered; 0 where no model was there yet.
    known : int
        Labels that were known when the window began, over all windows before it.
    chosen, reason : str
        The policy whose model was to answer, and why; '' before the first model.
    loss : dict[str, float]
        Policy -> mean loss of its model on the rows of the window.
    learnt : dict[str, str]
        Policy -> how its model came about before the window.
    seconds : dict[str, float]
        Policy -> what that took.
    """

    window: str
    rows: int
    known: int
    chosen: str
    reason: str
    loss: dict[str, float]
    learnt: dict[str, str]
    seconds: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)
