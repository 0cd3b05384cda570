"""Golden inputs: held-out rows with the answers they got when the bundle was written.

A text of theirs is not kept as it was written: `made_anonymous` leaves the words that other texts have too.
"""

import json
import re
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from mlops_assets.bundle.answers import Predictions, difference, unsound
from mlops_assets.bundle.errors import BundleError
from mlops_assets.bundle.session import Answer
from mlops_assets.spec import UseCase
from mlops_assets.training.features import feature_frame

GOLDEN_ROWS = 20
TEXTS_MIN = 2  # a word of one text may be a name, or worse
WORD = re.compile(r"\w+")


def made_anonymous(X: pd.DataFrame, use_case: UseCase) -> pd.DataFrame:
    """X with each text as those of its words that another row has as well, in alphabetical order.

    Examples
    --------
    >>> from mlops_assets.spec import Column, Decision, Delimited, Training, UseCase
    >>> columns = {"said": Column(kind="text"), "stars": Column(kind="numeric")}
    >>> case = UseCase(name="made", description="made up", task="regression", target="stars", columns=columns,
    ...     format=Delimited(kind="delimited"), training=Training(metric="mae"), decision=Decision(loss="absolute"))
    >>> made_anonymous(pd.DataFrame({"said": ["Call Ann, a good film!", "a good plot"]}), case)["said"].tolist()
    ['a good', 'a good']
    """
    texts = [name for name, column in use_case.features.items() if column.kind == "text"]
    return X.assign(**{name: _shared_words(X[name]) for name in texts})


def _shared_words(texts: pd.Series) -> list[str]:
    words = [set(WORD.findall(text)) for text in texts]
    rows = Counter(word for found in words for word in found)
    return [" ".join(sorted(word for word in found if rows[word] >= TEXTS_MIN)) for found in words]


def golden_bytes(X: pd.DataFrame, predictions: Predictions) -> bytes:
    """The first rows of X and their answers as JSON; missing is null."""
    head = X.head(GOLDEN_ROWS)
    rows = head.astype(object).where(head.notna(), None).to_dict(orient="list")
    values = predictions.values[:GOLDEN_ROWS].tolist()
    probabilities = None if predictions.probabilities is None else predictions.probabilities[:GOLDEN_ROWS].tolist()
    return json.dumps({"rows": rows, "values": values, "probabilities": probabilities}).encode()


def check_golden(data: bytes, use_case: UseCase, answer: Answer, tolerance: float) -> None:
    """Ask for the golden rows again.

    Raises
    ------
    BundleError
        If there is no golden row, or the answers are unsound, or not those the bundle was written with.
    """
    content: dict[str, Any] = json.loads(data)
    X = feature_frame(pd.DataFrame(content["rows"], dtype=object), use_case)
    given = None if content["probabilities"] is None else np.array(content["probabilities"])
    expected = Predictions(np.array(content["values"]), given)
    if len(X) == 0:
        raise BundleError("golden rows: there is none; a model cannot be tried without")
    answers = answer(X)
    if problem := unsound(answers, len(X)):
        raise BundleError(f"golden rows: {problem}; the model is of no use")
    if problem := difference(expected, answers, tolerance):
        raise BundleError(f"golden rows: {problem}; this machine's libraries answer otherwise than those that wrote it")
