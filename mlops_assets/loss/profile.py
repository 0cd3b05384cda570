"""What a version carries of its own loss: the losses on held-out rows, and how they depend on what a row looks like."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.loss.additive import expect, fit_additive
from mlops_assets.loss.cells import Cells, Kind, cells_of
from mlops_assets.loss.sketch import LossSketch, sketch_losses
from mlops_assets.loss.strata import Strata, build_strata
from mlops_assets.spec import Column, Decision

FORMAT = 1

Array = NDArray[np.float64]


class InvalidProfileError(ValueError):
    """Bytes that are not a loss profile, or one of another format."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What a version answered: `values` of shape (n_rows,), `confidence` the probability of each, None for numbers."""

    values: NDArray[Any]
    confidence: Array | None = None

    def of(self, rows: NDArray[np.bool_]) -> "Answers":
        """The answers to some of the rows."""
        return Answers(self.values[rows], None if self.confidence is None else self.confidence[rows])


@dataclass(frozen=True, eq=False)
class LossProfile:
    """A version's losses on held-out rows.

    Attributes
    ----------
    loss : str
        The loss of the use case's decision when the version was trained.
    held_out : LossSketch
        Losses on rows that it was not fitted on.
    columns : dict of str to Cells
        The features as training knew them.
    weights : array or None
        A model of the loss in the cells of `columns` and of the answer; None for a classification, where the answer's
        probability says how likely it errs.
    strata : Strata
        What rows of equal risk lost.
    """

    loss: str
    held_out: LossSketch
    columns: dict[str, Cells]
    answer: Cells | None
    weights: Array | None
    strata: Strata

    def risk(self, X: pd.DataFrame, answers: Answers) -> Array:
        """How much loss each row makes one expect, before calibration; shape (n_rows,)."""
        if self.weights is None or self.answer is None:
            return _doubt(answers)
        places = _places(X, answers, self.columns, self.answer)
        return expect(self.weights, places, [cells.n for cells in (*self.columns.values(), self.answer)])

    def to_bytes(self) -> bytes:
        """A compressed npz of some kilobytes, without pickle; the same profile gives the same bytes."""
        header = {
            "format": FORMAT,
            "loss": self.loss,
            "held_out": self.held_out.to_dict(),
            "columns": {name: vars(cells) for name, cells in self.columns.items()},
            "answer": None if self.answer is None else vars(self.answer),
        }
        arrays = {f"strata_{name}": values for name, values in vars(self.strata).items()}
        if self.weights is not None:
            arrays["weights"] = self.weights
        buffer = io.BytesIO()
        np.savez_compressed(buffer, header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8), **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The profile that `to_bytes` wrote.

        Raises
        ------
        InvalidProfileError
            If the bytes are damaged, or of another format.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            header = json.loads(arrays.pop("header").tobytes())
            if header["format"] != FORMAT:
                raise InvalidProfileError(f"loss profile: format {header['format']!r}; {FORMAT} is due")
            return cls(
                loss=header["loss"],
                held_out=LossSketch.from_dict(header["held_out"]),
                columns={name: _cells(values) for name, values in header["columns"].items()},
                answer=None if header["answer"] is None else _cells(header["answer"]),
                weights=arrays.pop("weights", None),
                strata=Strata(**{name.removeprefix("strata_"): values for name, values in arrays.items()}),
            )
        except InvalidProfileError:
            raise
        except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error) as error:
            raise InvalidProfileError(f"loss profile: {len(data)} bytes that cannot be read: {error}") from error


def build_profile(
    X_train: pd.DataFrame,
    X_holdout: pd.DataFrame,
    answers: Answers,
    losses: Array,
    columns: Mapping[str, Column],
    decision: Decision,
) -> LossProfile:
    """The profile of a model that was fitted on `X_train` and gave `answers` to `X_holdout`.

    Parameters
    ----------
    losses : shape (n_holdout,), in [0, decision.loss_max]
    columns : the features
    """
    known = {name: cells_of(X_train[name], _kind(column)) for name, column in columns.items()}
    answer: Cells | None = None
    weights: Array | None = None
    if answers.confidence is not None:
        risk = _doubt(answers)
    else:
        answer = cells_of(answers.values, "numeric")
        sizes = [cells.n for cells in (*known.values(), answer)]
        weights, risk = fit_additive(_places(X_holdout, answers, known, answer), sizes, losses)
    return LossProfile(
        loss=decision.loss,
        held_out=sketch_losses(losses, decision.loss_max),
        columns=known,
        answer=answer,
        weights=weights,
        strata=build_strata(risk, losses),
    )


def _kind(column: Column) -> Kind:
    if column.kind not in ("numeric", "category", "text"):
        raise ValueError(f"a {column.kind} column is no feature; numeric, category or text is due")
    return column.kind


def _places(X: pd.DataFrame, answers: Answers, columns: dict[str, Cells], answer: Cells) -> NDArray[np.int64]:
    return np.column_stack([*(cells.place(X[name]) for name, cells in columns.items()), answer.place(answers.values)])


def _doubt(answers: Answers) -> Array:
    """One minus the probability of each answer."""
    if answers.confidence is None:
        raise ValueError("a version that was profiled by its probabilities answered without them; train again")
    doubt: Array = 1.0 - answers.confidence
    return doubt


def _cells(values: dict[str, Any]) -> Cells:
    tuples = {name: tuple(values[name]) for name in ("edges", "labels", "shares")}
    return Cells(**{**values, **tuples})
