"""Columns to bytes: the way back through the decoder's door, for rows of a query and pieces of a file."""

import io

import pandas as pd

from mlops_assets.spec import Delimited, JsonLines, UseCase


def encode(frame: pd.DataFrame, use_case: UseCase) -> bytes:
    """The frame in the use case's own format, readable by decode_batch."""
    form = use_case.format
    if isinstance(form, Delimited):
        text = frame.to_csv(index=False, sep=form.separator, decimal=form.decimal, lineterminator="\n")
        return str(text).encode(form.encoding)
    if isinstance(form, JsonLines):
        text = frame.to_json(orient="records", lines=True, date_format="iso", force_ascii=False)
        return str(text).encode(form.encoding)
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()
