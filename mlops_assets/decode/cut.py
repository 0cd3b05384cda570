"""One file as a stream of smaller ones: by windows of the time column or by blocks of rows."""

from collections.abc import Iterator

import pandas as pd

from mlops_assets.decode import FORMATS
from mlops_assets.decode.aside import ALONE
from mlops_assets.decode.encode import encode
from mlops_assets.decode.table import decode_batch
from mlops_assets.spec import Reading, UseCase


def cut(
    data: bytes, use_case: UseCase, *, every: str | None = None, rows: int | None = None
) -> Iterator[tuple[str, bytes]]:
    """Pairs of label and bytes in the use case's format, in order; one pair with an empty label when nothing cuts.

    Parameters
    ----------
    every : str or None
        Length of a window as pandas writes it, such as '1d'; windows without a row are left out, rows without a
        time come last.
    rows : int or None
        Rows of a block; the last one may be shorter.

    Raises
    ------
    ValueError
        If `every` is given and the use case has no time column, or it is not a length of time; if the file holds scans.
    """
    if every is None and rows is None:
        yield "", data
        return
    if isinstance(use_case.format, Reading):
        raise ValueError("scans are not cut; pack as many as a batch should hold into one archive")
    raw = FORMATS[use_case.format.kind](data, use_case, ALONE)
    groups = _blocks(len(raw), rows) if rows is not None else _windows(_times(data, use_case), str(every))
    for label, positions in groups:
        yield label, encode(raw.iloc[positions], use_case)


def _blocks(n_rows: int, size: int) -> Iterator[tuple[str, list[int]]]:
    for number, start in enumerate(range(0, n_rows, size), start=1):
        yield f"{number:05d}", list(range(start, min(start + size, n_rows)))


def _times(data: bytes, use_case: UseCase) -> "pd.Series[pd.Timestamp]":
    if use_case.time is None:
        raise ValueError(f"use case {use_case.name!r} has no time column; cut by rows, or set time")
    table = decode_batch(data, use_case)
    if use_case.time not in table.columns:
        raise ValueError(
            f"the file lacks what {use_case.time!r} is read from, so no window can be cut; see the use case"
        )
    return table[use_case.time].reset_index(drop=True)


def _windows(times: "pd.Series[pd.Timestamp]", every: str) -> Iterator[tuple[str, list[int]]]:
    try:
        starts = times.dt.floor(every)
    except ValueError as error:
        raise ValueError(f"{every!r} is not a length of time; write 1d, 6h or 30min") from error
    for start in sorted(starts.dropna().unique()):
        yield pd.Timestamp(start).strftime("%Y%m%dT%H%M%S"), starts.index[starts == start].tolist()
    if starts.isna().any():
        yield "no-time", starts.index[starts.isna()].tolist()
