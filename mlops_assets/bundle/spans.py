"""How much of a row the rows of each class span: what probabilities do not tell about a page of a new class."""

import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from mlops_assets.bundle.errors import BundleError
from mlops_assets.bundle.feed import NUMBERS, Feed

WORD = re.compile(r"\w\w+")
FAR = 4.0  # standard deviations; a number further away counts as if it were there
Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Words:
    """A column of texts as TF-IDF rows of length one, words as hashes; unknown words count in the length.

    name : of the column;  terms : shape (n_terms,), ascending hashes;  idf : their weights
    unknown : the weight of all other words;  components : shape (n_terms, n_classes * n_components)
    """

    name: str
    terms: NDArray[np.uint32]
    idf: NDArray[np.float32]
    unknown: float
    components: NDArray[np.float16]

    def read(self, text: str) -> tuple[NDArray[np.int64], Array]:
        """Places of the terms that a text has, and their weights."""
        hashes, counts = count_words(text)
        at = np.searchsorted(self.terms, hashes).clip(max=max(len(self.terms) - 1, 0))
        known = self.terms[at] == hashes if len(self.terms) else np.zeros(len(hashes), dtype=bool)
        weights = (1 + np.log(counts)) * np.where(known, self.idf[at] if len(self.idf) else 0.0, self.unknown)
        length = float(np.linalg.norm(weights))
        return at[known], weights[known] / length if length else weights[known]

    def project(self, texts: Sequence[str]) -> tuple[Array, Array]:
        """Components of texts, shape (n_rows, n_classes * n_components), and squared lengths: 1, or 0 of no words."""
        found = np.zeros((len(texts), self.components.shape[1]))
        for row, text in enumerate(texts):
            at, weights = self.read(text)
            found[row] = weights @ self.components[at].astype(np.float64)
        return found, np.array([float(WORD.search(text) is not None) for text in texts])


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numeric columns, standardised and together as long as `weight` where each is one standard deviation away.

    middle, mean, scale : of each column; a missing value is the middle
    components : shape (n_columns, n_classes * n_components)
    """

    middle: NDArray[np.float32]
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    weight: float
    components: NDArray[np.float32]

    def read(self, numbers: NDArray[np.float32]) -> Array:
        """The columns as they are compared, of the same shape."""
        filled = np.where(np.isnan(numbers), self.middle, numbers).astype(np.float64)
        away = ((filled - self.mean) / self.scale).clip(-FAR, FAR)
        return np.asarray(away * self.weight / np.sqrt(max(len(self.middle), 1)))


@dataclass(frozen=True, eq=False)
class Spans:
    """Subspaces of the classes, in the order of the model's classes.

    Notes
    -----
    A class is what its first principal directions span, not centred, and a row is as much of the class as the share of
    its squared length that lies within: SIMCA (Wold: Pattern recognition by means of disjoint principal components
    models, Pattern Recognition 8, 1976) on directions, since texts are compared by angle.
    """

    texts: tuple[Words, ...]
    numbers: Numbers
    n_classes: int

    def measure(self, feed: Feed) -> Array:
        """Share of each row that each class spans, shape (n_rows, n_classes), 0 to 1.

        Parameters
        ----------
        feed
            As `bundle.feed.feed_of` gives it.
        """
        parts = [words.project(feed[words.name][:, 0].tolist()) for words in self.texts]
        if len(self.numbers.middle):
            read = self.numbers.read(feed[NUMBERS])
            parts.append((read @ self.numbers.components, (read**2).sum(axis=1)))
        found, squared = sum(part for part, _ in parts), sum(length for _, length in parts)
        within = (np.asarray(found) ** 2).reshape(len(np.asarray(squared)), self.n_classes, -1).sum(axis=2)
        return np.asarray(within / np.maximum(squared, np.finfo(float).tiny)[:, None]).clip(0.0, 1.0)

    def to_bytes(self) -> bytes:
        """A compressed NumPy archive without objects."""
        header = {
            "texts": [[words.name, words.unknown] for words in self.texts],
            "weight": self.numbers.weight,
            "n_classes": self.n_classes,
        }
        arrays = {name: getattr(self.numbers, name) for name in OF_NUMBERS}
        for place, words in enumerate(self.texts):
            arrays |= {f"{name} {place}": getattr(words, name) for name in OF_WORDS}
        buffer = io.BytesIO()
        np.savez_compressed(buffer, header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8), **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Spans":
        """What `to_bytes` wrote.

        Raises
        ------
        BundleError
            If these are other bytes.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                header = json.loads(stored["header"].tobytes())
                texts = tuple(
                    Words(name, unknown=unknown, **{one: stored[f"{one} {place}"] for one in OF_WORDS})
                    for place, (name, unknown) in enumerate(header["texts"])
                )
                numbers = Numbers(weight=header["weight"], **{one: stored[one] for one in OF_NUMBERS})
        except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise BundleError(f"not the spans of classes ({type(error).__name__}); fetch the version again") from error
        return cls(texts, numbers, header["n_classes"])


OF_WORDS = ("terms", "idf", "components")
OF_NUMBERS = ("middle", "mean", "scale", "components")


def conformity(probabilities: NDArray[np.float64], shares: Array) -> Array:
    """How possible a class is: what its rows span of a row, less where the model finds it improbable; 0 to 1.

    Parameters
    ----------
    probabilities, shares : ndarray of shape (n_rows, n_classes)
        Of the model, and of `Spans.measure`.
    """
    return np.asarray(shares * probabilities)


def count_words(text: str) -> tuple[NDArray[np.uint32], Array]:
    """Hashes of the words of a text, and how often each stands there."""
    counts = Counter(zlib.crc32(word.encode("utf-8", "replace")) for word in WORD.findall(text.lower()))
    return np.array(list(counts), dtype=np.uint32), np.array(list(counts.values()), dtype=np.float64)
