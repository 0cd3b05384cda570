"""Raw values to the types of the spec: what could not be read is told apart from what is missing."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from mlops_assets.spec import Column, Delimited, UseCase
from mlops_assets.spec.codes import code

LARGEST = float(np.finfo(np.float32).max)  # models count in 32 bits, at the latest where they answer
DAYS = pd.Timestamp("1677-09-22"), pd.Timestamp("2262-04-11")  # the first whole one, and the first that is not


class Coerced(NamedTuple):
    """Values of one column, and where a value was there but could not be read.

    values : Series of float64, datetime64[ns], or str and None
    unparsable : bool array, shape (n_rows,)
    """

    values: pd.Series
    unparsable: np.ndarray[Any, np.dtype[np.bool_]]


def coerce(raw: pd.Series, column: Column, use_case: UseCase) -> Coerced:
    """The column in its declared kind."""
    if column.kind == "numeric":
        return _numbers(raw, use_case)
    if column.kind == "datetime":
        return _times(raw, column.format, use_case)
    return _texts(raw, use_case, numbers_are_codes=column.kind != "text")


def plain_text(value: Any, *, numbers_are_codes: bool) -> str | None:
    """The text of a value, blanks stripped: whole numbers without a fraction, None for what has no text.

    `numbers_are_codes` says that texts such as '5.0' and 'true' mean codes, see `spec.codes`.
    """
    if isinstance(value, str):
        return code(value) if numbers_are_codes else value.strip()
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else str(int(value)) if float(value).is_integer() else repr(float(value))
    return None if value is None or value is pd.NaT or value is pd.NA else str(value)


def allowed_values(column: Column) -> list[Any]:
    """The values that a column allows, in the type that it is decoded to; empty where it allows all."""
    labels = column.allowed or ()
    if column.kind == "numeric":
        return [float(label) for label in labels]
    return [plain_text(label, numbers_are_codes=column.kind != "text") for label in labels]


def _texts(raw: pd.Series, use_case: UseCase, *, numbers_are_codes: bool) -> Coerced:
    values = (
        np.array([_text_of_bytes(value) for value in raw], dtype=object) if _has_bytes(raw) else raw.to_numpy(object)
    )
    nested = np.fromiter(
        (isinstance(value, bytes | list | dict | np.ndarray) for value in values), dtype=bool, count=len(values)
    )
    if nested.any():
        values = values.copy()
        values[nested] = None
    codes, uniques = pd.factorize(values)
    missing = set(use_case.missing)
    texts = [plain_text(value, numbers_are_codes=numbers_are_codes) for value in uniques]
    # The last place answers for code -1, which pandas gives to what is missing.
    lookup = np.array([None if text in missing else text for text in texts] + [None], dtype=object)
    return Coerced(pd.Series(lookup[codes], index=raw.index, name=raw.name, dtype=object), nested)


def _has_bytes(raw: pd.Series) -> bool:
    return raw.dtype == object and any(isinstance(value, bytes) for value in raw)


def _text_of_bytes(value: Any) -> Any:
    """Bytes as the text that they are in UTF-8, where they are one: some writers of Parquet mark texts as binary."""
    try:
        return value.decode("utf-8") if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return value


def _numbers(raw: pd.Series, use_case: UseCase) -> Coerced:
    if pd.api.types.is_numeric_dtype(raw.dtype):
        values = raw.to_numpy(dtype="float64", na_value=np.nan)
        infinite = np.abs(values) > LARGEST
        return Coerced(_series(np.where(infinite, np.nan, values), raw), infinite)
    texts = raw.astype(object)
    if isinstance(use_case.format, Delimited) and use_case.format.decimal != ".":
        texts = pd.Series([_with_point(text, use_case.format.decimal) for text in texts], index=raw.index, dtype=object)
    values = _to_numeric(texts)
    unread = ~(np.abs(values) <= LARGEST)
    return Coerced(_series(np.where(unread, np.nan, values), raw), _present(raw, unread, use_case))


def _times(raw: pd.Series, form: str | None, use_case: UseCase) -> Coerced:
    if isinstance(raw.dtype, pd.DatetimeTZDtype):
        raw = raw.dt.tz_convert("UTC").dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(raw.dtype):
        beyond = _beyond(raw)
        return Coerced(raw.mask(beyond).astype("datetime64[ns]"), beyond.to_numpy())
    codes, uniques = pd.factorize(np.array([_stripped(value) for value in raw], dtype=object))
    read = pd.to_datetime(
        pd.Series([*uniques, None], dtype=object), format=form or "ISO8601", errors="coerce", utc=True
    )
    # The last place answers for code -1, which pandas gives to what is missing.
    values = pd.Series(read.dt.tz_localize(None).to_numpy("datetime64[ns]")[codes], index=raw.index, name=raw.name)
    values = values.mask(_beyond(values))
    return Coerced(values, _present(raw, values.isna().to_numpy(), use_case))


def _beyond(moments: pd.Series) -> Any:
    """Where a moment lies outside the days that nanoseconds count whole, such as 9999-12-31 for never."""
    return (moments < DAYS[0]) | (moments >= DAYS[1])


def _present(raw: pd.Series, unread: Any, use_case: UseCase) -> Any:
    """Where a value is unread although something stands there: neither missing nor a text that means missing."""
    unparsable = np.zeros(len(raw), dtype=bool)
    places = np.flatnonzero(unread)
    missing = set(use_case.missing)
    values = raw.to_numpy(dtype=object)
    unparsable[places] = [_stripped(values[place]) not in (None, *missing) for place in places]
    return unparsable


def _to_numeric(texts: pd.Series) -> Any:
    try:
        return pd.to_numeric(texts, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    except (TypeError, OverflowError, ValueError):  # a list among the values, or an integer beyond float64
        return np.array([_number(value) for value in texts], dtype="float64")


def _number(value: Any) -> float:
    """The value of `_to_numeric` for one value of any type, nan where it is no number."""
    try:
        if isinstance(value, int | float):
            return float(value)
        return float(pd.to_numeric(value, errors="coerce")) if isinstance(value, str) else float("nan")
    except OverflowError:
        return float("nan")


def _with_point(value: Any, decimal: str) -> Any:
    # With a decimal comma, 1.500 is one and a half thousand to its writer and one and a half to us: read neither.
    if not isinstance(value, str):
        return value
    return None if "." in value else value.replace(decimal, ".", 1)


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else plain_text(value, numbers_are_codes=False)


def _series(values: Any, raw: pd.Series) -> pd.Series:
    return pd.Series(values, index=raw.index, name=raw.name, dtype="float64")
