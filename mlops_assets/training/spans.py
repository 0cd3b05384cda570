"""Learn what the rows of each class span, from the rows that a classifier was fitted on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from mlops_assets.bundle.feed import NUMBERS, Feed, feed_of
from mlops_assets.bundle.spans import Numbers, Spans, Words, count_words
from mlops_assets.training.folds import Fold

COMPONENTS = 4  # directions of a class
NUMBERS_WEIGHT = 1.0  # length of the numbers beside a text, which has 1
TERMS_MAX = 20_000
TEXTS_MIN = 2  # a word of one text helps nobody else, and would keep that text
ROWS_MAX = 500  # of a class, drawn with a fixed seed: directions need no more


def learn_spans(X: pd.DataFrame, y: NDArray[Any], classes: NDArray[Any], texts: Sequence[str]) -> Spans | None:
    """The spans of the classes, None without a column of texts.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_features)
        From `training.features.feature_frame`.
    y : ndarray of shape (n_samples,)
    classes : ndarray of shape (n_classes,)
        In the order of the model's probabilities; one without a row here spans nothing.
    texts
        Names of the columns of texts.
    """
    if not texts:
        return None
    feed = feed_of(X)
    words, numbers = [_words(name, feed[name][:, 0].tolist()) for name in texts], _numbers(feed)
    blocks = [_rows(one, feed[one.name][:, 0].tolist()) for one in words]
    read = numbers.read(feed[NUMBERS]) if NUMBERS in feed else np.zeros((len(X), 0))
    blocks.append(sparse.csr_matrix(read))
    length = np.sqrt(len(words) + (read**2).sum(axis=1))
    directions = _directions(sparse.diags(1 / length) @ sparse.hstack(blocks, format="csr"), y, classes)
    parts = np.split(directions, np.cumsum([block.shape[1] for block in blocks])[:-1])
    return Spans(
        tuple(replace(one, components=part.astype(np.float16)) for one, part in zip(words, parts, strict=False)),
        replace(numbers, components=parts[-1].astype(np.float32)),
        len(classes),
    )


def shares_out_of_fold(
    X: pd.DataFrame, y: NDArray[Any], classes: NDArray[Any], texts: Sequence[str], folds: list[Fold]
) -> NDArray[np.float64]:
    """What the classes span of each row, by the other folds' rows, (n_samples, n_classes); NaN where no fold scores."""
    found = np.full((len(X), len(classes)), np.nan)
    for training, scoring in folds:
        spans = learn_spans(X.iloc[training], y[training], classes, texts)
        found[scoring] = 1.0 if spans is None else spans.measure(feed_of(X.iloc[scoring]))
    return found


def _words(name: str, texts: Sequence[str]) -> Words:
    """The terms of a column and their weights, without components."""
    rows: Counter[int] = Counter()
    for text in texts:
        rows.update(count_words(text)[0].tolist())
    kept = sorted(term for term, count in rows.most_common(TERMS_MAX) if count >= TEXTS_MIN)
    idf = np.log((1 + len(texts)) / (1 + np.array([rows[term] for term in kept], dtype=np.float64))) + 1
    unknown = float(np.log((1 + len(texts)) / TEXTS_MIN) + 1)  # of a word in one text
    return Words(
        name, np.array(kept, dtype=np.uint32), idf.astype(np.float32), unknown, np.zeros((len(kept), 0), np.float16)
    )


def _rows(words: Words, texts: Sequence[str]) -> Any:
    read = [words.read(text) for text in texts]
    starts = np.cumsum([0, *(len(at) for at, _ in read)])
    at, weights = (np.concatenate([part[place] for part in read]) for place in (0, 1))
    return sparse.csr_matrix((weights, at, starts), shape=(len(texts), len(words.terms)))


def _numbers(feed: Feed) -> Numbers:
    """How numeric columns are standardised, without components."""
    given = feed.get(NUMBERS, np.zeros((1, 0), dtype=np.float32))
    known = [column[~np.isnan(column)] for column in given.T]
    middle = np.array([np.median(one) if len(one) else 0.0 for one in known], dtype=np.float32)
    filled = np.where(np.isnan(given), middle, given)
    scale = filled.std(axis=0)
    scale[scale < np.finfo(np.float32).tiny] = 1.0
    return Numbers(middle, filled.mean(axis=0), scale, NUMBERS_WEIGHT, np.zeros((len(middle), 0), dtype=np.float32))


def _directions(rows: Any, y: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.float64]:
    """Those of all classes side by side, shape (n_columns, n_classes * COMPONENTS); zeros where there are fewer."""
    found = np.zeros((rows.shape[1], len(classes), COMPONENTS))
    random = np.random.default_rng(0)
    for place, label in enumerate(classes):
        mine = np.flatnonzero(y == label)
        if len(mine) > ROWS_MAX:
            mine = random.choice(mine, ROWS_MAX, replace=False)
        first = _principal(rows[mine]) if len(mine) else np.zeros((rows.shape[1], 0))
        found[:, place, : first.shape[1]] = first
    return found.reshape(rows.shape[1], len(classes) * COMPONENTS)


def _principal(rows: Any) -> NDArray[np.float64]:
    """The first right singular vectors, by the products of rows, which are few."""
    values, vectors = np.linalg.eigh((rows @ rows.T).toarray())
    kept = [place for place in np.argsort(-values)[:COMPONENTS] if values[place] > 1e-9 * max(values[-1], 1e-300)]
    return np.asarray(rows.T @ (vectors[:, kept] / np.sqrt(values[kept])))
