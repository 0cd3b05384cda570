"""The door of the house: behind it every table has the columns, the order and the types of its use case."""

from typing import Any

import numpy as np
import pandas as pd

from mlops_assets.decode import FORMATS
from mlops_assets.decode.aside import ALONE, Aside
from mlops_assets.decode.coerce import coerce
from mlops_assets.decode.derive import derive
from mlops_assets.decode.errors import DecodeError
from mlops_assets.spec import Column, Reading, UseCase
from mlops_assets.spec.tables import RESERVED

UNPARSABLE = "_unparsable"


def decode_batch(data: bytes, use_case: UseCase, aside: Aside = ALONE) -> pd.DataFrame:
    """The columns of the spec that the bytes bring, in its order and kinds, then `_unparsable`.

    Raises
    ------
    DecodeError
        With a short code and a sentence, where the bytes are not such a table or break a limit of the landing rules.
    """
    return conform(FORMATS[use_case.format.kind](data, use_case, aside), use_case)


def conform(frame: pd.DataFrame, use_case: UseCase) -> pd.DataFrame:
    """The same for a frame of raw values, from a query or a request.

    Returns
    -------
    DataFrame
        Numeric columns are float64, datetime columns datetime64[ns] without time zone (UTC where the values had one),
        all others hold str or None. `_unparsable` holds the comma-separated names of the columns whose value could not
        be read in that row, or None; what a reader of scans says there, such as 'text (unreadable)', comes first.
        A column that the frame lacks stays away, and so does what is derived from it;
        columns that the spec does not know stay, behind the others, only where validation.extra_columns is 'reject'.

    Raises
    ------
    DecodeError
        duplicate_columns, where two names differ by blanks only.
    """
    raw = _known_names(frame, use_case)
    unread: dict[str, Any] = {}
    found = {}
    for name, column in use_case.read_columns.items():
        if name in raw.columns:
            found[name], unread[name] = coerce(raw[name], column, use_case)
    table = derive(pd.DataFrame(found, index=raw.index), use_case.columns)
    for name, column in use_case.columns.items():
        if column.derive is not None and name in table.columns:
            unread[name] = (table[name].isna() & table[list(column.derive.of)].notna().all(axis=1)).to_numpy()
    table = table[[name for name in use_case.columns if name in table.columns]]
    return table.assign(**_extra(raw, use_case), **{UNPARSABLE: _names_by_row(unread, raw, use_case)})


def _known_names(frame: pd.DataFrame, use_case: UseCase) -> pd.DataFrame:
    names = [name if name in use_case.columns else str(name).strip() for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DecodeError("duplicate_columns", f"column {twice[0]!r} is there twice; rename one")
    return frame.set_axis(names, axis=1).reset_index(drop=True)


def _extra(raw: pd.DataFrame, use_case: UseCase) -> dict[str, pd.Series]:
    if use_case.validation.extra_columns == "drop":
        return {}
    # As text, because Parquet keeps no column that mixes types.
    extra = Column(kind="text")
    names = [name for name in raw.columns if name not in use_case.columns and name not in RESERVED]
    return {name: coerce(raw[name], extra, use_case).values for name in names}


def _names_by_row(unread: dict[str, Any], raw: pd.DataFrame, use_case: UseCase) -> Any:
    names = np.full(len(raw), None, dtype=object)
    if UNPARSABLE in raw and isinstance(use_case.format, Reading):  # a file's own column of that name says nothing
        names[:] = raw[UNPARSABLE].to_numpy(dtype=object)
    for name, mask in unread.items():
        for row in np.flatnonzero(mask):
            names[row] = name if names[row] is None else f"{names[row]},{name}"
    return names
