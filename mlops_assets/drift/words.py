"""Which words a reference knows, bounded and without keeping any of them."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

BUCKETS = 2**16  # a vocabulary of 6,000 words then hides one new word in eleven


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """In how many texts of the reference each hash of a word occurs: 0, 1, or 2 for more; shape (65,536,)."""

    texts: NDArray[np.uint8]

    def unknown_shares(self, values: Any, own: bool = False) -> NDArray[np.float64]:
        """Share (0..1) of the words of each text that no text of the reference has; NaN where there is no text.

        Parameters
        ----------
        own : the texts are those of the reference: a word then counts as unknown where no other text has it, so that
            they can be compared with texts the reference has not seen
        """
        return np.array([self._unknown_share(words, own) for words in _words_of(values)])

    def _unknown_share(self, words: NDArray[np.int64] | None, own: bool) -> float:
        if words is None:
            return float("nan")
        return float((self.texts[words] <= int(own)).mean()) if len(words) else 0.0


def learn_vocabulary(values: Any) -> Vocabulary:
    """The vocabulary of texts."""
    texts = np.zeros(BUCKETS, dtype=np.int64)
    for words in _words_of(values):
        if words is not None:
            texts[np.unique(words)] += 1
    return Vocabulary(np.minimum(texts, 2).astype(np.uint8))


def _words_of(values: Any) -> Iterable[NDArray[np.int64] | None]:
    """The hashes of the words of each text, in lower case; None where there is no text."""
    for text in pd.Series(values):
        if pd.isna(text):
            yield None
        else:
            yield np.array([zlib.crc32(word.encode()) % BUCKETS for word in str(text).lower().split()], dtype=np.int64)
