"""What texts are about, as a few numbers: components of the champion's own TF-IDF, kept without its words."""

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

COMPONENTS = 6
WORDS_NAMED, LETTERS_MIN = 3, 3  # in the name of a topic, and of a word there
COMMON_TEXTS, COMMON_SHARE = 20, 0.01  # of the texts: a word of fewer may be a person's name, and is not named
ROWS_AT_ONCE = 10_000  # bounds the memory that texts take as terms
AS_WE_READ = {
    "analyzer": "word",
    "lowercase": True,
    "norm": "l2",
    "preprocessor": None,
    "stop_words": None,
    "strip_accents": None,
    "tokenizer": None,
    "use_idf": True,
}

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Topics:
    """How a column of texts becomes numbers.

    names : of its components, in reports;  pattern : of a word;  ngrams : fewest and most words of a term
    sublinear : whether a term counts 1 + ln(times) rather than its times
    terms : shape (n_terms,), ascending hashes;  idf : their weights;  components : shape (n_terms, n_components)
    """

    source: str
    names: tuple[str, ...]
    pattern: str
    ngrams: tuple[int, int]
    sublinear: bool
    terms: NDArray[np.uint32]
    idf: NDArray[np.float32]
    components: NDArray[np.float16]

    def measure(self, values: Any) -> Array:
        """The components of texts, shape (n_rows, n_components); NaN where there is no text.

        Notes
        -----
        TF-IDF rows of length one times the right singular vectors of those of the training texts: Deerwester et al.,
        Indexing by Latent Semantic Analysis, JASIS 41 (1990).
        """
        texts = np.asarray(values, dtype=object)
        parts = [self._measure(texts[at : at + ROWS_AT_ONCE]) for at in range(0, len(texts), ROWS_AT_ONCE)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.names)))

    def _measure(self, texts: NDArray[Any]) -> Array:
        present = np.array(pd.notna(texts), dtype=bool)
        found = np.full((len(texts), len(self.names)), np.nan)
        hashed = [_hashes(self._terms(str(text))) for text in texts[present]]
        found[present] = self._weighted(hashed) @ self.components.astype(np.float64)
        return found

    def _terms(self, text: str) -> Iterable[str]:
        words = re.findall(self.pattern, text.lower())
        for length in range(self.ngrams[0], self.ngrams[1] + 1):
            for at in range(len(words) - length + 1):
                yield " ".join(words[at : at + length])

    def _weighted(self, hashed: Sequence[NDArray[np.uint32]]) -> sparse.csr_array:
        """TF-IDF rows of the terms that are known, each of length one."""
        rows = np.repeat(np.arange(len(hashed)), [len(one) for one in hashed])
        every = np.concatenate([*hashed, np.empty(0, dtype=np.uint32)])
        at = np.minimum(np.searchsorted(self.terms, every), len(self.terms) - 1)
        known = self.terms[at] == every
        counts = sparse.csr_array((np.ones(known.sum()), (rows[known], at[known])), (len(hashed), len(self.terms)))
        counts.sum_duplicates()
        if self.sublinear:
            counts.data = 1 + np.log(counts.data)
        counts.data *= self.idf[counts.indices]
        row_of = np.repeat(np.arange(len(hashed)), np.diff(counts.indptr))
        length = np.sqrt(np.bincount(row_of, weights=counts.data**2, minlength=len(hashed)))
        counts.data /= length[row_of]
        return counts


def learn_topics(source: str, vectorizer: "TfidfVectorizer", texts: Any) -> Topics | None:
    """The topics of a column in the terms of a fitted vectorizer; None where its texts have too few for a component.

    Parameters
    ----------
    texts : those that the components are learned from; no comparison with them is fair, see `drift.reference`

    Raises
    ------
    ValueError
        If the vectorizer reads texts in another way than by words in lower case.

    Notes
    -----
    Truncated singular value decomposition with a fixed seed; the largest loading of a component is positive.
    """
    _require_our_way(source, vectorizer)
    present = pd.Series(texts).dropna().astype(str)
    weights = vectorizer.transform(present)
    wanted = min(COMPONENTS, weights.shape[0] - 1, weights.shape[1] - 1)
    if wanted < 1:
        return None
    components = _components(weights, wanted)
    vocabulary = vectorizer.vocabulary_
    words = np.array(sorted(vocabulary, key=vocabulary.__getitem__), dtype=object)
    common = np.bincount(weights.indices, minlength=len(words)) >= max(COMMON_TEXTS, COMMON_SHARE * len(present))
    terms, kept = np.unique(_hashes(words), return_index=True)  # of two terms with one hash, the first stays
    return Topics(
        source=source,
        names=tuple(
            _name(source, number, loadings, words, common) for number, loadings in enumerate(components.T, start=1)
        ),
        pattern=vectorizer.token_pattern,
        ngrams=tuple(vectorizer.ngram_range),
        sublinear=vectorizer.sublinear_tf,
        terms=terms,
        idf=vectorizer.idf_[kept].astype(np.float32),
        components=components[kept].astype(np.float16),
    )


def with_topics(frame: pd.DataFrame, topics: Sequence[Topics]) -> pd.DataFrame:
    """The frame with a column for each component of the texts that it has; those that are there stay."""
    found: dict[str, Array] = {}
    for one in topics:
        if one.source in frame.columns and not set(one.names) <= set(frame.columns):
            found |= dict(zip(one.names, one.measure(frame[one.source]).T, strict=True))
    return frame.assign(**found)


def _require_our_way(source: str, vectorizer: "TfidfVectorizer") -> None:
    has = vectorizer.get_params()
    apart = {name: has[name] for name, due in AS_WE_READ.items() if has[name] != due}
    if apart:
        raise ValueError(f"{source}: topics need a TF-IDF of words in lower case; this one has {apart}")


def _components(weights: Any, wanted: int) -> Array:
    """Right singular vectors, shape (n_terms, n_components)."""
    from sklearn.decomposition import TruncatedSVD

    svd = TruncatedSVD(wanted, random_state=0).fit(weights)
    kept = svd.singular_values_ > 1e-9 * svd.singular_values_[0]
    vectors: Array = svd.components_[kept].T
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])]
    signed: Array = vectors * np.sign(largest)
    return signed


def _name(source: str, number: int, loadings: Array, words: NDArray[Any], common: NDArray[np.bool_]) -> str:
    named = common & (loadings > 0) & [len(word) >= LETTERS_MIN and " " not in word for word in words]
    best = [at for at in np.argsort(-loadings, kind="stable") if named[at]]
    said = f": {', '.join(words[best[:WORDS_NAMED]])}" if best else ""
    return f"{source} (topic {number}{said})"


def _hashes(terms: Iterable[str]) -> NDArray[np.uint32]:
    return np.array([zlib.crc32(term.encode()) for term in terms], dtype=np.uint32)
