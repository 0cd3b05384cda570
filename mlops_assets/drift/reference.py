"""A compact sketch of the champion's training data, stored with its version.

The bytes of a reference are a compressed npz: one JSON header and one array per numeric sketch, without pickle. The
same data gives the same bytes.
"""

import dataclasses
import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.drift.columns import compared_columns
from mlops_assets.drift.sketch import CategorySketch, NumericSketch, Sketch, sketch_labels, sketch_numbers
from mlops_assets.spec import UseCase

FORMAT = 1


class InvalidReferenceError(ValueError):
    """Bytes that are not a drift reference, or one of another format."""


@dataclass(frozen=True)
class Reference:
    """What the champion was trained on, column by column.

    `columns` maps the name in reports to its sketch. `prediction` and `losses` describe the champion on rows that it
    was not fitted on, None where they were not given. `rows` is the number of training rows.
    """

    rows: int
    columns: dict[str, Sketch]
    prediction: Sketch | None = None
    losses: NumericSketch | None = None

    def to_bytes(self) -> bytes:
        """Compressed npz, some 10 to 80 kB a numeric column."""
        sketches = [*self.columns.values(), self.prediction, self.losses]
        arrays = {f"sample_{at}": s.sample for at, s in enumerate(sketches) if isinstance(s, NumericSketch)}
        header = {
            "format": FORMAT,
            "rows": self.rows,
            "columns": list(self.columns),
            "sketches": [_described(sketch) for sketch in sketches],
        }
        buffer = io.BytesIO()
        np.savez_compressed(buffer, header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8), **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The reference that `to_bytes` wrote.

        Raises
        ------
        InvalidReferenceError
            If the bytes are damaged, or of another format.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                if stored.zip.testzip() is not None:  # np.load stops reading before the checksum is compared
                    raise zipfile.BadZipFile("a checksum does not match")
                header = json.loads(stored["header"].tobytes())
                if header["format"] != FORMAT:
                    raise InvalidReferenceError(f"drift reference: format {header['format']!r}; {FORMAT} is due")
                found = [_sketch(values, stored, at) for at, values in enumerate(header["sketches"])]
        except InvalidReferenceError:
            raise
        except (
            OSError,
            EOFError,
            ValueError,
            KeyError,
            TypeError,
            RuntimeError,
            zipfile.BadZipFile,
            zlib.error,
        ) as error:
            raise InvalidReferenceError(f"drift reference: {len(data)} bytes that cannot be read: {error}") from error
        *columns, prediction, losses = found
        return cls(header["rows"], dict(zip(header["columns"], columns, strict=True)), prediction, losses)


def build_reference(
    frame: pd.DataFrame,
    use_case: UseCase,
    predictions: NDArray[Any] | None = None,
    losses: NDArray[np.float64] | None = None,
    random_state: int = 0,
) -> Reference:
    """The sketch of a training set.

    Parameters
    ----------
    frame : the training set; compared columns that it lacks are left out
    predictions, losses : shape (n_holdout,), of rows that the champion was not fitted on: on its own training rows it
        errs too little, and every batch would look worse. None where unknown.
    random_state : seed of the samples that bound the sketch
    """
    columns: dict[str, Sketch] = {}
    for at, (name, (source, measure, kind)) in enumerate(compared_columns(use_case).items()):
        if source not in frame.columns:
            continue
        if kind == "numeric":
            rng = np.random.default_rng([random_state, at])
            columns[name] = sketch_numbers(frame[source], rng, source=source, measure=measure)
        else:
            columns[name] = sketch_labels(frame[source], source=source)
    rng = np.random.default_rng(random_state)
    return Reference(
        rows=len(frame),
        columns=columns,
        prediction=None if predictions is None else _sketch_predictions(predictions, use_case, rng),
        losses=None if losses is None else sketch_numbers(losses, rng),
    )


def _sketch_predictions(predictions: NDArray[Any], use_case: UseCase, rng: np.random.Generator) -> Sketch:
    return sketch_labels(predictions) if use_case.task == "classification" else sketch_numbers(predictions, rng)


def _described(sketch: Sketch | None) -> dict[str, Any] | None:
    if sketch is None:
        return None
    values = {field.name: getattr(sketch, field.name) for field in dataclasses.fields(sketch) if field.name != "sample"}
    return {"kind": "numeric" if isinstance(sketch, NumericSketch) else "category"} | values


def _sketch(values: dict[str, Any] | None, stored: Any, at: int) -> Any:
    if values is None:
        return None
    fields = {name: value for name, value in values.items() if name != "kind"}
    if values["kind"] == "numeric":
        return NumericSketch(**fields, sample=stored[f"sample_{at}"])
    return CategorySketch(**fields)
