"""What use cases say about a truth: the type it must have, and how long after its prediction it still counts."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mlops_assets.spec import Label, UseCase, parse_label

KEY_MAX = 512  # characters of a truth as JSON text, which is part of a key
WHOLE_MAX = 2**53  # labels are compared as float64, which holds every whole number up to here


@dataclass(frozen=True)
class Truths:
    """The rules of the use cases that are known here."""

    use_cases: Mapping[str, UseCase]

    def label(self, use_case: str, truth: Any) -> Label:
        """A truth as it was sent, in the type the model answers with.

        Raises
        ------
        ValueError
            If it cannot be a label of the use case, or the use case is not known here.
        """
        if use_case not in self.use_cases:
            raise ValueError(f"use case {use_case!r} is not served here")
        target = self.use_cases[use_case].target
        try:
            label = parse_label(truth, self.use_cases[use_case])
        except OverflowError:
            raise ValueError(f"{target}: {truth!r} is too large a number") from None
        if isinstance(label, float) and not math.isfinite(label):
            raise ValueError(f"{target}: a finite number is due, got {truth!r}")
        if isinstance(label, int) and abs(label) > WHOLE_MAX:
            raise ValueError(f"{target}: a whole number up to 2**53 is due, got {truth!r}")
        if len(json.dumps(label)) > KEY_MAX:
            raise ValueError(f"{target}: a label of at most {KEY_MAX} characters as JSON is due, got {len(str(label))}")
        return label

    def expires(self, use_case: str, at: datetime) -> datetime | None:
        """When a truth about a prediction made `at` stops to count; None = never."""
        rules = self.use_cases.get(use_case)
        hours = rules.feedback.expires_h if rules is not None else None
        return None if hours is None else at + timedelta(hours=hours)
