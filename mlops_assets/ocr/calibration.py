"""What an engine's confidence is worth: the probability that a word is right, from maps fitted once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np

MAPS = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True)
class Calibration:
    """Monotone maps from confidence to probability, one a state.

    Attributes
    ----------
    maps : Mapping[str, tuple[Sequence[float], Sequence[float]]]
        By state, confidences in rising order and the probability at each; straight lines between. States: the engine's
        name where it was heard alone; NAME agreed and NAME disputed where another read the same word, or not the same.
    """

    maps: Mapping[str, tuple[Sequence[float], Sequence[float]]]

    def probability(self, state: str, confidence: float) -> float:
        """The probability that a word is right, 0..1."""
        return float(np.interp(confidence, *self.maps[state]))

    @classmethod
    def load(cls) -> Self:
        """The maps that come with the project; the file says what they were fitted on."""
        return cls({state: (x, y) for state, (x, y) in json.loads(MAPS.read_text(encoding="utf-8"))["maps"].items()})


@cache
def calibration() -> Calibration:
    """The maps, read once a process."""
    return Calibration.load()
