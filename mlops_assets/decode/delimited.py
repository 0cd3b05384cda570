"""Text with a separator: every value as the string that stands in the file."""

import csv
import io
import warnings

import pandas as pd

from mlops_assets.decode.aside import ALONE, Aside
from mlops_assets.decode.errors import DecodeError
from mlops_assets.decode.limits import check_limits
from mlops_assets.spec import UseCase

MALFORMED = (pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.ParserWarning, csv.Error)


def read_delimited(data: bytes, use_case: UseCase, aside: Aside = ALONE) -> pd.DataFrame:
    """The raw table: strings under the names of the first line, missing values as empty strings.

    Raises
    ------
    DecodeError
        Whatever check_limits raises; duplicate_columns; malformed, for a line with too many values or an open quote.
    """
    text = check_limits(data, use_case)
    separator = getattr(use_case.format, "separator", ",")
    try:
        _check_names(text, separator)
        with warnings.catch_warnings():
            # A line longer than the first would lose its last values with no more than this warning.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                io.BytesIO(text),
                sep=separator,
                dtype=str,
                na_filter=False,
                index_col=False,
                encoding="utf-8",
                skipinitialspace=separator != " ",
            )
    except MALFORMED as error:
        reason = _uneven(text, separator) or _plain(error)
        raise DecodeError("malformed", f"not a table separated by {separator!r}: {reason}") from error


def _plain(error: Exception) -> str:
    return " ".join(str(error).removeprefix("Error tokenizing data. C error: ").split())


def _uneven(text: bytes, separator: str) -> str | None:
    """Which line has more values than the first one has names; None where lines do not say."""
    lines = csv.reader(io.StringIO(text.decode("utf-8"), newline=""), delimiter=separator)
    try:
        names = len(next(lines, []))
        for line in lines:
            if len(line) > names:
                return f"line {lines.line_num} has {len(line)} values, the first line {names} names"
    except csv.Error:
        return None
    return None


def _check_names(text: bytes, separator: str) -> None:
    """pandas would rename a second 'a' to 'a.1', and a rule for it would meet no column."""
    head = io.StringIO(text[: text.find(b"\n") + 1 or len(text)].decode("utf-8"))
    names = [name.strip() for name in next(csv.reader(head, delimiter=separator), [])]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DecodeError("duplicate_columns", f"column {twice[0]!r} stands twice in the first line; rename one")
