"""Texts as padded numbers of tokens, by the `tokenizers` package alone: no PyTorch, no transformers."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]

POOL = 16  # batches whose rows are sorted by length together


def open_tokenizer(data: str, length_max: int) -> Any:
    """The tokenizer of a tokenizer.json that cuts off at `length_max` tokens and pads nothing."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(data)
    tokenizer.no_padding()
    tokenizer.enable_truncation(length_max)
    return tokenizer


def tokenise(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """Numbers of the tokens of each text, special ones included."""
    return [each.ids for each in tokenizer.encode_batch(list(texts))]


def padded(tokens: Sequence[Sequence[int]]) -> tuple[Ids, Ids]:
    """Numbers and mask, both of shape (n_samples, longest): 1 where a token stands, 0 behind the end of a text."""
    longest = max(len(each) for each in tokens)
    ids, mask = np.zeros((len(tokens), longest), np.int64), np.zeros((len(tokens), longest), np.int64)
    for row, each in enumerate(tokens):
        ids[row, : len(each)], mask[row, : len(each)] = each, 1
    return ids, mask


def batches_of_like_length(lengths: Sequence[int], size: int) -> list[NDArray[np.int64]]:
    """Positions in batches of `size` with rows of nearly the same length, so that little is padded."""
    order = np.argsort(lengths, kind="stable")
    return [order[start : start + size] for start in range(0, len(order), size)]


def shuffled_batches(lengths: Sequence[int], size: int, random_state: int) -> Iterator[NDArray[np.int64]]:
    """Positions of one batch after another without end, each row once an epoch.

    Rows are shuffled; of each 16 batches those of like length stand together, and the batches are shuffled again.
    """
    random, known = np.random.default_rng(random_state), np.asarray(lengths)
    while True:
        order = random.permutation(len(known))
        for start in range(0, len(order), size * POOL):
            pool = order[start : start + size * POOL]
            parts = batches_of_like_length(known[pool].tolist(), size)
            for part in random.permutation(len(parts)):
                yield pool[parts[part]]
