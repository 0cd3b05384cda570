"""The words that move a model's answers, whatever the model."""

import re
from collections import Counter, defaultdict
from itertools import accumulate, chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.spec import UseCase
from mlops_assets.training.explain import ExplainError, Importance, sample_rows

WORD = re.compile(r"\w+")
TEXTS_MIN = 2  # a word of one text explains that text, not the model; and it may be a name
REMEMBERED = 50  # words, those that move most
CHARACTERS_MAX = 100_000_000  # of texts without a word, over all words: 200 film reviews of 1,300 make a quarter of it


def words_moved(pipeline: Any, X: pd.DataFrame, use_case: UseCase) -> Importance:
    """How far the answer moves by each word, on average over the sampled texts that have it; most moving words first.

    Samples at most `training.explain_rows` rows. Of long texts the words that most of them have are asked about, as far
    as `CHARACTERS_MAX` goes. The unit is the target's for a regression; for a classification it is
    the probability of the class that is answered. Words are ordered by the size of that average times the root of the
    number of texts that have them: by the size alone a word of two texts would lead, by the sum over texts 'the' would.

    Raises
    ------
    ExplainError
        If no feature is text, no word occurs in two of the sampled texts, or those texts are too long.

    Notes
    -----
    Answer to the text minus answer to the text without the word: Li, Monroe, Jurafsky, Understanding Neural Networks
    through Representation Erasure (arXiv 1612.08220, 2016). For a linear model on unscaled counts it is the coefficient
    times the count; here TF-IDF rows have length one, so that a word also makes its neighbours lighter, and
    erasure counts that.
    """
    columns = [name for name, column in use_case.features.items() if column.kind == "text"]
    if not columns:
        raise ExplainError("no feature is text; words move nothing here")
    X = X.iloc[sample_rows(len(X), use_case)].reset_index(drop=True)
    answers, chosen = _answers(pipeline, X, use_case, None)
    effects: dict[str, list[float]] = defaultdict(list)
    for column in columns:
        rows, words, erased = _erased(X, column, CHARACTERS_MAX // len(columns))
        without, _ = _answers(pipeline, erased, use_case, chosen[rows])
        for word, effect in zip(words, answers[rows] - without, strict=True):
            effects[word if len(columns) == 1 else f"{column}: {word}"].append(float(effect))
    if not effects:
        raise ExplainError(f"no word occurs in two of {len(X)} texts, or they are too long; explain more rows")
    return _ranked(effects, use_case, len(X))


def _erased(X: pd.DataFrame, column: str, characters_max: int) -> tuple[NDArray[np.int64], list[str], pd.DataFrame]:
    """For each word of each row that others have too: the row's position, the word in lower case, and the row without.

    Parameters
    ----------
    characters_max : int
        Of all these rows; words that more texts have come first.
    """
    found = [{word.lower() for word in WORD.findall(text)} for text in X[column]]
    asked = _asked(found, X[column].str.len().to_numpy(), characters_max)
    pairs = [(row, word) for row, words in enumerate(found) for word in sorted(words & asked)]
    positions = np.array([row for row, _ in pairs], dtype=np.int64)
    texts = [_without(X[column].iat[row], word) for row, word in pairs]
    return positions, [word for _, word in pairs], X.iloc[positions].assign(**{column: texts})


def _asked(found: list[set[str]], lengths: NDArray[np.int64], characters_max: int) -> set[str]:
    """The words that `TEXTS_MIN` texts have, the most frequent first, as far as the characters of those texts go."""
    texts = Counter(chain.from_iterable(found))
    cost: Counter[str] = Counter()
    for words, length in zip(found, lengths.tolist(), strict=True):
        cost.update(dict.fromkeys(words, length))
    shared = sorted((word for word in texts if texts[word] >= TEXTS_MIN), key=lambda word: (-texts[word], word))
    return {
        word
        for word, spent in zip(shared, accumulate(cost[word] for word in shared), strict=True)
        if spent <= characters_max
    }


def _without(text: str, word: str) -> str:
    return WORD.sub(lambda found: "" if found[0].lower() == word else found[0], text)


def _answers(
    pipeline: Any, X: pd.DataFrame, use_case: UseCase, chosen: NDArray[np.int64] | None
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The numbers, or the probability of the chosen class of each row (None: the most probable), and that class."""
    if len(X) == 0:
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    if use_case.task == "regression":
        return np.asarray(pipeline.predict(X), dtype=np.float64), np.zeros(len(X), dtype=np.int64)
    probabilities = pipeline.predict_proba(X)
    chosen = probabilities.argmax(axis=1) if chosen is None else chosen
    return probabilities[np.arange(len(X)), chosen], chosen


def _ranked(effects: dict[str, list[float]], use_case: UseCase, rows: int) -> Importance:
    order = sorted(effects, key=lambda word: (-abs(float(np.mean(effects[word]))) * len(effects[word]) ** 0.5, word))
    order = order[:REMEMBERED]
    return Importance(
        names=tuple(order),
        mean=tuple(float(np.mean(effects[word])) for word in order),
        std=tuple(float(np.std(effects[word])) for word in order),
        unit=f"{use_case.target} moved" if use_case.task == "regression" else "probability moved",
        rows=rows,
    )
