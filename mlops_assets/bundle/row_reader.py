"""Rows of a request straight to the inputs of a graph, for rows that need no decoding.

The decoder behind `InputSchema.to_frame` says what a value means, and what is wrong with it, in milliseconds. Most rows
are plain: numbers where numbers are due, known texts where texts are. Those are recognised here in microseconds; about
every other row this reader says nothing, and the decoder is asked.

Plain Python looks at the values of FEW rows: each call into numpy may hand the processor to another thread.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.bundle.answers import FEW
from mlops_assets.bundle.feed import NUMBERS, Feed, texts_of
from mlops_assets.bundle.schema import InputSchema
from mlops_assets.decode.coerce import LARGEST, allowed_values, plain_text
from mlops_assets.spec import Column

TEXTS_REMEMBERED = 10_000  # of a category column; a column with more values is read again each time


class RowReader:
    """Reads plain rows of one schema.

    Parameters
    ----------
    schema : InputSchema
        Without derived features: those need the decoder, `reads` says whether that is so.
    """

    def __init__(self, schema: InputSchema) -> None:
        features = schema.use_case.features
        numeric = {name: column for name, column in features.items() if column.kind == "numeric"}
        self.reads = all(column.derive is None for column in features.values())
        self._known = schema.use_case.columns.keys()
        self._missing = frozenset(schema.use_case.missing)
        self._numeric = tuple(numeric)
        # An itemgetter of one name gives its value without a tuple around it.
        self._take = itemgetter(*numeric) if len(numeric) > 1 else lambda row: [row[name] for name in numeric]
        self._bounds = tuple(
            (
                -LARGEST if one.min is None else max(-LARGEST, one.min),
                LARGEST if one.max is None else min(LARGEST, one.max),
                one.nullable,
            )
            for one in numeric.values()
        )
        self._texts = {name: column for name, column in features.items() if column.kind != "numeric"}
        self._allowed = {name: frozenset(allowed_values(column)) for name, column in self._texts.items()}
        self._seen: dict[str, dict[Any, str]] = {name: {} for name in self._texts}

    def read(self, rows: Sequence[Mapping[str, Any]]) -> Feed | None:
        """What `feed_of(schema.to_frame(rows))` gives; None where only the decoder can tell."""
        if not self.reads or not rows or not set(chain.from_iterable(rows)) <= self._known:
            return None
        feed: Feed = {}
        if self._numeric:
            numbers = self._read_numbers(rows)
            if numbers is None:
                return None
            feed[NUMBERS] = numbers
        for name, column in self._texts.items():
            texts = [self._read_text(name, column, row.get(name)) for row in rows]
            if None in texts:
                return None
            feed[name] = texts_of(texts)
        return feed

    def _read_numbers(self, rows: Sequence[Mapping[str, Any]]) -> NDArray[np.float32] | None:
        table = self._table(rows)
        if len(table) > FEW:
            return self._read_many(list(chain.from_iterable(table)))
        if not all(self._are_plain(values) for values in table):
            return None
        return np.array(table, dtype=np.float32)  # None becomes NaN

    def _table(self, rows: Sequence[Mapping[str, Any]]) -> list[Sequence[Any]]:
        try:
            return list(map(self._take, rows))
        except KeyError:  # a name that is left out means a missing value
            return [[row.get(name) for name in self._numeric] for row in rows]

    def _read_many(self, flat: list[Any]) -> NDArray[np.float32] | None:
        """The same by columns, of the values of all rows in turn: a tenth of the time where rows are many."""
        kinds = set(map(type, flat))
        if not kinds <= {float, int, type(None)}:
            return None
        try:
            numbers = np.array(flat, dtype=np.float64).reshape(-1, len(self._numeric))
        except OverflowError:  # an integer beyond all numbers
            return None
        low, high, nullable = (np.array(each) for each in zip(*self._bounds, strict=True))
        plain = (low <= numbers) & (numbers <= high)
        if type(None) in kinds:
            plain |= np.array([value is None for value in flat]).reshape(plain.shape) & nullable
        return numbers.astype(np.float32) if plain.all() else None

    def _are_plain(self, values: Sequence[Any]) -> bool:
        for value, (low, high, nullable) in zip(values, self._bounds, strict=True):
            if value is None:
                if not nullable:
                    return False
            elif not (type(value) is float or type(value) is int) or not low <= value <= high:
                return False
        return True

    def _read_text(self, name: str, column: Column, value: Any) -> str | None:
        """The text as the decoder reads it, '' where it is missing and may be; None where only the decoder can tell."""
        if value is None:
            return "" if column.nullable else None
        if type(value) is not str:
            return None
        seen = self._seen[name]
        text = seen.get(value)
        if text is None:
            text = self._decoded(name, column, value)
            if text is not None and column.kind != "text" and len(seen) < TEXTS_REMEMBERED:
                seen[value] = text
        return text

    def _decoded(self, name: str, column: Column, value: str) -> str | None:
        text = plain_text(value, numbers_are_codes=column.kind != "text")
        if text is None or text in self._missing:
            return "" if column.nullable else None
        return text if column.allowed is None or text in self._allowed[name] else None
