"""What the champion was trained on: a bounded sketch of its training data, stored with its version."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.drift.calibration import DRAWS, ROWS_MIN, calibrate
from mlops_assets.drift.codes import Codes, Coding, label_coding, numeric_coding
from mlops_assets.drift.columns import ascending, label_counts, measured
from mlops_assets.drift.digest import Digest, digest
from mlops_assets.drift.limits import Limits
from mlops_assets.drift.sketch import (
    SAMPLE_MAX,
    CategorySketch,
    Sketch,
    sketch_labels,
    sketch_numbers,
)
from mlops_assets.drift.source import Source, build_source
from mlops_assets.drift.table import CodedTable
from mlops_assets.drift.topics import Topics, with_topics
from mlops_assets.drift.words import learn_vocabulary
from mlops_assets.spec import UseCase

PREDICTION = "prediction"  # name of the champion's answers among the columns of a report


@dataclass(frozen=True, eq=False)
class Reference:
    """What the champion was trained on, column by column and row by row.

    `columns` maps the name in reports to its sketch. `prediction` describes the champion's answers on rows that it was
    not fitted on, None where they were not given. `rows` is the number of training rows, `target` the name of the
    column that was learnt. `table` holds coded rows of the columns that raise alarms, `aside` of those that only warn,
    `predicted` of the predictions and of the topics of the texts behind them: topics are learned from the training
    texts, and lie farther out on these than on any other texts. `limits` say how large a score may be by chance.
    """

    rows: int
    target: str
    columns: dict[str, Sketch]
    prediction: Sketch | None
    table: CodedTable
    aside: CodedTable
    predicted: CodedTable
    limits: Limits
    topics: tuple[Topics, ...] = ()

    def to_bytes(self) -> bytes:
        """Some 20 to 100 kB a numeric column; the same data gives the same bytes."""
        from mlops_assets.drift.archive import pack

        return pack(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Reference":
        """The reference that `to_bytes` wrote.

        Raises
        ------
        InvalidReferenceError
            If the bytes are damaged, or of another format.
        """
        from mlops_assets.drift.archive import unpack

        return unpack(data)

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The tables ready to score with: `table`, `aside`, `predicted`.

        Those without columns are left out, and so are those too small for limits to know them.
        """
        tables = {"table": self.table, "aside": self.aside, "predicted": self.predicted}
        found = {name: build_source(one) for name, one in tables.items() if one.codings and one.rows >= ROWS_MIN}
        return found | {"aside": Source(self.aside, None)} if self.aside.codings else found


def build_reference(
    frame: pd.DataFrame,
    use_case: UseCase,
    predictions: NDArray[Any] | None = None,
    random_state: int = 0,
    draws: int = DRAWS,
    *,
    topics: Sequence[Topics] = (),
    held_out: pd.DataFrame | None = None,
    unused: Container[str] = (),
) -> Reference:
    """The reference of a training set.

    Parameters
    ----------
    frame : the training set; compared columns that it lacks are left out
    predictions : shape (n_holdout,), of rows that the champion was not fitted on, None where unknown
    random_state : seed of the sample that bounds the sketch, and of the batches drawn for its limits
    draws : batches drawn for each size
    topics : how the champion's texts become numbers
    held_out : the rows behind the predictions; topics need them
    unused : features that the champion does not listen to; they only warn
    """
    whole = digest(frame, use_case, np.random.default_rng(random_state), unused)
    return finish(
        whole, use_case, predictions, random_state=random_state, draws=draws, topics=topics, held_out=held_out
    )


def finish(
    whole: Digest,
    use_case: UseCase,
    predictions: NDArray[Any] | None = None,
    *,
    random_state: int = 0,
    draws: int = DRAWS,
    topics: Sequence[Topics] = (),
    held_out: pd.DataFrame | None = None,
) -> Reference:
    """The reference of a digest, its other parameters being those of `build_reference`.

    Raises
    ------
    ValueError
        If there are topics, and no held-out rows or fewer of them than predictions.
    """
    rng = np.random.default_rng([random_state, 1])
    answers = _bounded(_answers(predictions, topics, held_out), rng)
    coded = {name: _coded(sketch, whole.sample) for name, sketch in whole.columns.items()}
    after = {name: _coded(_sketch_answers(name, answers, use_case), answers) for name in answers}
    table, aside = (
        _table({name: one for name, one in coded.items() if one[0].alarms == alarms}) for alarms in (True, False)
    )
    predicted = _table(after)
    prediction = after.pop(PREDICTION)[0] if PREDICTION in after else None
    return Reference(
        rows=whole.rows,
        target=use_case.target,
        columns={name: sketch for name, (sketch, _, _) in (coded | after).items()},
        prediction=prediction,
        table=table,
        aside=aside,
        predicted=predicted,
        limits=calibrate([one for one in (table, predicted) if one.codings], rng, draws),
        topics=tuple(topics),
    )


def _answers(predictions: NDArray[Any] | None, topics: Sequence[Topics], held_out: pd.DataFrame | None) -> pd.DataFrame:
    """What is known of held-out rows: the champion's answers, and the topics of their texts."""
    found = {} if predictions is None else {PREDICTION: np.asarray(predictions)}
    if not topics:
        return pd.DataFrame(found)
    if held_out is None or (predictions is not None and len(held_out) != len(predictions)):
        raise ValueError("topics need the held-out rows, as many as there are predictions")
    wide = with_topics(held_out, topics)
    return pd.DataFrame(found | {name: wide[name].to_numpy() for one in topics for name in one.names})


def _bounded(answers: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    if len(answers) <= SAMPLE_MAX:
        return answers
    return answers.iloc[rng.choice(len(answers), SAMPLE_MAX, replace=False)]


def _sketch_answers(name: str, answers: pd.DataFrame, use_case: UseCase) -> Sketch:
    if name == PREDICTION and use_case.task == "classification":
        return sketch_labels(answers[name], source=name)
    return sketch_numbers(answers[name], source=name)


def _coded(sketch: Sketch, sample: pd.DataFrame) -> tuple[Sketch, Coding, Codes]:
    """The sketch with its sample, how its column is coded, and the codes of the sampled rows."""
    values = sample[sketch.source]
    if isinstance(sketch, CategorySketch):
        coding = label_coding(label_counts(values))
        return sketch, coding, coding.encode(values)
    if sketch.measure == "unknown_words":
        vocabulary = learn_vocabulary(values)
        known = vocabulary.unknown_shares(values, own=True)
        sketch = replace(sketch_numbers(known, source=sketch.source), measure=sketch.measure, alarms=sketch.alarms)
        sketch = replace(sketch, vocabulary=vocabulary)
    else:
        known = measured(values, sketch.measure)
    present = ascending(known)
    numeric = numeric_coding(present)
    return replace(sketch, sample=present), numeric, numeric.encode(known)


def _table(columns: dict[str, tuple[Sketch, Coding, Codes]]) -> CodedTable:
    codes = [codes for _, _, codes in columns.values()]
    stacked = np.stack(codes, axis=1) if codes else np.zeros((0, 0), dtype=np.uint8)
    return CodedTable({name: coding for name, (_, coding, _) in columns.items()}, stacked)
