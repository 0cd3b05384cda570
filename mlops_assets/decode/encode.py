"""Columns to bytes: the way back through the decoder's door, for rows of a query, pieces of a file, and answers."""

import io
from typing import Any

import pandas as pd

from mlops_assets.spec import Delimited, JsonLines, Reading, UseCase

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def encode(frame: pd.DataFrame, use_case: UseCase) -> bytes:
    """The frame in the use case's own format, readable by decode_batch; of scans what was read, as CSV."""
    form = use_case.format
    if isinstance(form, Reading):
        form, frame = Delimited(kind="delimited"), disarm(frame)
    if isinstance(form, Delimited):
        text = frame.to_csv(index=False, sep=form.separator, decimal=form.decimal, lineterminator="\n")
        return str(text).encode(form.encoding)
    if isinstance(form, JsonLines):
        text = frame.to_json(orient="records", lines=True, date_format="iso", force_ascii=False)
        return str(text).encode(form.encoding)
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def disarm(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with an apostrophe before texts that a spreadsheet would compute: a stranger wrote them.

    Notes
    -----
    OWASP, CSV Injection: cells that begin with = + - @, a tab or a carriage return are formulas to spreadsheets.
    """
    texts = frame.select_dtypes(["object", "string"])
    return frame.assign(**{name: texts[name].map(_disarmed) for name in texts})


def _disarmed(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def encoded_suffix(suffix: str, use_case: UseCase) -> str:
    """Suffix of a file that `encode` gives, for one that came with `suffix`."""
    return ".csv" if isinstance(use_case.format, Reading) else suffix
