"""The input schema: which raw values a request brings, and how they become X."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from mlops_assets.bundle.errors import InputError
from mlops_assets.decode.coerce import allowed_values
from mlops_assets.spec import Column, Landing, UseCase
from mlops_assets.training.features import feature_frame

EXAMPLE = datetime(2026, 3, 31, 14, 5)  # a day that is no month

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class InputSchema:
    """The use case as it was when the model was trained, without its sources.

    Everything that turns raw values into X, derived columns included, comes from here, so that a later edit of the use
    case cannot change what a registered model is fed.
    """

    use_case: UseCase

    @classmethod
    def from_use_case(cls, use_case: UseCase) -> "InputSchema":
        """The schema of a use case."""
        return cls(use_case.model_copy(update={"landing": Landing()}))

    @classmethod
    def from_json(cls, data: bytes) -> "InputSchema":
        """The schema that `to_json` wrote."""
        return cls(UseCase.model_validate_json(data))

    def to_json(self) -> bytes:
        """JSON of the whole schema."""
        return (self.use_case.model_dump_json(indent=1) + "\n").encode()

    @cached_property
    def inputs(self) -> dict[str, Column]:
        """Raw columns that features are, or are derived from, in the order of the use case."""
        needed = set(self.use_case.features)
        for name, column in reversed(self.use_case.columns.items()):  # sources stand above what is derived from them
            if name in needed and column.derive is not None:
                needed.update(column.derive.of)
        return {name: column for name, column in self.use_case.read_columns.items() if name in needed}

    @cached_property
    def required(self) -> frozenset[str]:
        """Inputs without which a row cannot be answered."""
        return frozenset(name for name, column in self.inputs.items() if not column.nullable)

    def of_table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """X of a decoded table, such as an accepted batch, whatever columns the use case declares by now.

        Derived columns are computed as for a request; a column that the table lacks is missing in every row.

        Parameters
        ----------
        frame : DataFrame of shape (n_samples, any)

        Returns
        -------
        DataFrame
            Shape (n_samples, n_features), as `training.features.feature_frame` gives it.
        """
        from mlops_assets.decode.derive import derive

        return feature_frame(derive(frame, self.use_case.columns), self.use_case)

    def to_frame(self, rows: Rows) -> pd.DataFrame:
        """X of rows of raw values.

        A missing key means a missing value. The target and other columns of the use case may come along and are
        ignored; a derived column too, since it is computed anew.

        Parameters
        ----------
        rows : sequence of mappings
            Raw column -> number, text, or None.

        Returns
        -------
        DataFrame
            Shape (len(rows), n_features), as `training.features.feature_frame` gives it.

        Raises
        ------
        InputError
            If there is no row, or a row has an unknown name, a value of the wrong type or out of its range, or lacks
            a required one.
        """
        if not rows:
            raise InputError(0, "", "no rows; at least one is due")
        X, refused = self.read(rows)
        if refused:
            raise refused[min(refused)]
        return X

    def read(self, rows: Rows) -> tuple[pd.DataFrame, dict[int, InputError]]:
        """X of all rows, and what is wrong with those that cannot be answered, by position; their X says nothing."""
        from mlops_assets.decode.table import conform

        refused: dict[int, InputError] = {}
        for position, row in enumerate(rows):
            self._check_row(position, row, refused)
        told = [{} if position in refused else row for position, row in enumerate(rows)]
        raw = pd.DataFrame({name: [row.get(name) for row in told] for name in self.inputs}, dtype=object)
        frame = conform(raw, self.use_case)
        self._check_parsed(frame, told, refused)
        for name, column in self.inputs.items():
            self._check_values(frame[name], name, column, told, refused)
        return feature_frame(frame, self.use_case), refused

    def _check_row(self, position: int, row: Mapping[str, Any], refused: dict[int, InputError]) -> None:
        if not isinstance(row, Mapping):
            refused[position] = InputError(position, "", f"{row!r} is no mapping of column names to values")
            return
        for name, value in row.items():
            problem = None
            if name not in self.use_case.columns:
                problem = f"unknown; allowed: {', '.join(self.inputs)}"
            elif name in self.inputs and not _is_scalar(value, self.inputs[name]):
                problem = _problem(value, self.inputs[name])
            if problem is not None:
                refused.setdefault(position, InputError(position, str(name), problem))

    def _check_parsed(self, frame: pd.DataFrame, rows: Rows, refused: dict[int, InputError]) -> None:
        for position, names in enumerate(frame["_unparsable"]):
            for name in names.split(",") if isinstance(names, str) else []:
                if name in self.inputs:
                    problem = _problem(rows[position].get(name), self.inputs[name])
                    refused.setdefault(position, InputError(position, name, problem))

    def _check_values(
        self, values: pd.Series, name: str, column: Column, rows: Rows, refused: dict[int, InputError]
    ) -> None:
        bad = pd.Series(False, index=values.index)
        if name in self.required:
            bad |= values.isna()
        if column.min is not None:
            bad |= values < column.min
        if column.max is not None:
            bad |= values > column.max
        if column.allowed is not None:
            bad |= values.notna() & ~values.isin(allowed_values(column))
        for position in np.flatnonzero(bad.to_numpy()).tolist():
            problem = _problem(rows[position].get(name), column)
            refused.setdefault(position, InputError(position, name, problem))


def _is_scalar(value: Any, column: Column) -> bool:
    if isinstance(value, bool):
        return column.kind == "category"
    return value is None or isinstance(value, str | int | float)


def _problem(value: Any, column: Column) -> str:
    """What is wrong with a value that came, or did not come."""
    return f"{'missing' if value is None else repr(value)}: {_due(column)} is due"


def _due(column: Column) -> str:
    """What a column takes, in words."""
    words = {
        "numeric": "a number",
        "datetime": f"a time like {EXAMPLE.strftime(column.format)} ({column.format})"
        if column.format
        else f"an ISO 8601 time like {EXAMPLE.isoformat()}Z",
    }.get(column.kind, "a text")
    if column.allowed is not None:
        words = f"one of {', '.join(map(repr, column.allowed))}"
    if column.min is not None:
        words += f", at least {column.min:g}"
    if column.max is not None:
        words += f", at most {column.max:g}"
    return words if not column.nullable else f"{words}, or nothing,"
