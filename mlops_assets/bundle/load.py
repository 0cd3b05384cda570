"""Read a bundle: hashes first, then only what is needed to answer."""

from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.bundle.abstention import Abstention
from mlops_assets.bundle.answers import Predictions
from mlops_assets.bundle.errors import BundleError, InputError
from mlops_assets.bundle.feed import NUMBERS, Feed, feed_of
from mlops_assets.bundle.golden import check_golden
from mlops_assets.bundle.manifest import (
    ABSTENTION,
    GOLDEN,
    GRAPH,
    LOSS,
    PIPELINE,
    REFERENCE,
    SCHEMA,
    SPANS,
    Manifest,
    verify,
)
from mlops_assets.bundle.parts import PARTS, open_answer
from mlops_assets.bundle.row_reader import RowReader
from mlops_assets.bundle.schema import InputSchema, Rows
from mlops_assets.bundle.session import Answer, FeedAnswer, of_pipeline
from mlops_assets.bundle.spans import Spans, conformity
from mlops_assets.bundle.trusted import TRUSTED

# A pipeline file is read only by the minor version that wrote it.
BOUND = ("scikit-learn", "lightgbm", "xgboost-cpu")


@dataclass(frozen=True)
class Bundle:
    """A verified model that answers.

    Attributes
    ----------
    abstention : Abstention or None
        When it abstains; None where it never does.
    spans : Spans or None
        What the rows of each class span; None where abstaining goes by probabilities alone.
    """

    folder: Path
    manifest: Manifest
    schema: InputSchema
    answer: Answer
    abstention: Abstention | None = None
    spans: Spans | None = None

    @property
    def engine(self) -> str:
        """'onnx' or 'skops'."""
        return self.manifest.engine

    @property
    def classes(self) -> tuple[Any, ...] | None:
        """Labels in the order of the probabilities; None for a regression."""
        return self.manifest.classes

    @property
    def reference(self) -> bytes:
        """The drift reference's bytes."""
        return (self.folder / REFERENCE).read_bytes()

    @property
    def loss_profile(self) -> bytes | None:
        """The loss profile's bytes; None where an earlier release wrote the bundle."""
        return (self.folder / LOSS).read_bytes() if LOSS in self.manifest.files else None

    def predict(self, X: pd.DataFrame) -> Predictions:
        """Answers for X as `schema.to_frame` or `schema.of_table` gives it."""
        predicted = self.answer(X)
        return predicted if self.spans is None else _conforming(predicted, self.spans, feed_of(X))

    def answer_table(self, frame: pd.DataFrame) -> Predictions:
        """Answers for a decoded table, such as an accepted batch; see `schema.of_table`."""
        return self.predict(self.schema.of_table(frame))

    def answer_rows(self, rows: Rows) -> Predictions:
        """Answers for rows of raw values, as a request brings them.

        Raises
        ------
        InputError
            If a row does not fit the schema.
        """
        feeds = self._feeds
        if feeds is not None and (feed := self._reader.read(rows)) is not None:
            predicted = feeds.run(feed)
            return predicted if self.spans is None else _conforming(predicted, self.spans, feed)
        return self.predict(self.schema.to_frame(rows))

    def refusals(self, rows: Rows) -> dict[int, InputError]:
        """What is wrong with the rows that cannot be answered, by position."""
        return self.schema.read(rows)[1]

    @cached_property
    def _feeds(self) -> FeedAnswer | None:
        return self.answer if isinstance(self.answer, FeedAnswer) else None

    @cached_property
    def _reader(self) -> RowReader:
        return RowReader(self.schema)


def load_bundle(folder: Path, other_libraries: bool = False) -> Bundle:
    """The bundle of a folder, verified, read and asked for its golden rows.

    Parameters
    ----------
    other_libraries : bool
        Read the pipeline although another version of a library wrote it.

    Raises
    ------
    BundleError
        If a file is not the registered one, the pipeline holds a type that is not trusted or was written by another
        version of a library, or the golden rows get other answers than when it was written.
    """
    manifest = verify(folder)
    schema = InputSchema.from_json((folder / SCHEMA).read_bytes())
    classes = None if manifest.classes is None else np.array(manifest.classes)
    answer = _answer(folder, manifest, schema, classes, other_libraries)
    bundle = Bundle(folder, manifest, schema, answer, _abstention(folder, manifest), _spans(folder, manifest))
    check_golden((folder / GOLDEN).read_bytes(), schema.use_case, bundle.answer, manifest.tolerance)
    return bundle


def load_pipeline(folder: Path) -> Any:
    """The fitted scikit-learn pipeline of a bundle, whatever serves; for evaluation and explanation.

    Raises
    ------
    BundleError
        If the bundle holds a fine-tuned text model, which has none.
    """
    return _pipeline(folder, verify(folder), other_libraries=False)


def _answer(
    folder: Path, manifest: Manifest, schema: InputSchema, classes: NDArray[Any] | None, other_libraries: bool
) -> Answer:
    if manifest.engine == "onnx":
        graph = open_answer({name: (folder / name).read_bytes() for name in manifest.files if name in PARTS}, classes)
        due = {NUMBERS, *(name for name, column in schema.use_case.features.items() if column.kind != "numeric")}
        if strange := sorted(graph.inputs - due):
            raise BundleError(f"{folder / GRAPH}: takes {strange[0]!r}, which requests do not bring so; train again")
        return graph
    return of_pipeline(_pipeline(folder, manifest, other_libraries), classes)


def _abstention(folder: Path, manifest: Manifest) -> Abstention | None:
    return Abstention.from_json((folder / ABSTENTION).read_bytes()) if ABSTENTION in manifest.files else None


def _spans(folder: Path, manifest: Manifest) -> Spans | None:
    return Spans.from_bytes((folder / SPANS).read_bytes()) if SPANS in manifest.files else None


def _conforming(predicted: Predictions, spans: Spans, feed: Feed) -> Predictions:
    if predicted.probabilities is None:
        return predicted
    return replace(predicted, conformity=conformity(predicted.probabilities, spans.measure(feed)))


def _pipeline(folder: Path, manifest: Manifest, other_libraries: bool) -> Any:
    if PIPELINE not in manifest.files:
        raise BundleError(
            f"{folder}: holds no {PIPELINE}; a fine-tuned text model is its graph, ask load_bundle for it"
        )
    for name in BOUND:
        written, here = manifest.libraries[name], version(name)
        if written.split(".")[:2] != here.split(".")[:2] and not other_libraries:
            raise BundleError(f"{folder / PIPELINE}: written by {name} {written}, here is {here}; train again")
    from skops.io import get_untrusted_types, loads

    data = (folder / PIPELINE).read_bytes()
    if unknown := sorted(set(get_untrusted_types(data=data)) - set(TRUSTED)):
        raise BundleError(f"{folder / PIPELINE}: holds types that are not trusted: {', '.join(unknown)}")
    return loads(data, trusted=list(TRUSTED))
