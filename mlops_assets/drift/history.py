"""What was scored for this champion before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Shift(NamedTuple):
    """How far a column's mean moved, in reference standard deviations, and how many rows of the batch have a value."""

    mean: float
    values: float


@dataclass(frozen=True)
class Seen:
    """An earlier batch: the shift of each numeric column that has a value in it."""

    shifts: Mapping[str, Shift]


@dataclass(frozen=True)
class History:
    """The batches that were scored for a champion before this one, each once.

    scored : how many;  alarms : in how many of them the data drifted;  recent : the last of them, oldest first
    """

    scored: int = 0
    alarms: int = 0
    recent: tuple[Seen, ...] = field(default=())

    @property
    def number(self) -> int:
        """The number of the batch that comes now, from 1."""
        return self.scored + 1
