"""Apache Parquet: typed columns."""

import io
from typing import Any

import pandas as pd

from mlops_assets.decode.aside import ALONE, Aside
from mlops_assets.decode.errors import DecodeError
from mlops_assets.decode.limits import check_columns, check_limits, check_rows
from mlops_assets.spec import Landing, UseCase

CELL_BYTES = 8


def read_parquet(data: bytes, use_case: UseCase, aside: Aside = ALONE) -> pd.DataFrame:
    """The raw table with the types of the file; texts as str or None.

    Raises
    ------
    DecodeError
        Whatever check_limits raises; malformed; duplicate_columns; too_many_rows, too_many_columns, expands_too_much,
        all three known from the file's footer.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain = check_limits(data, use_case)
    try:
        with pq.ParquetFile(io.BytesIO(plain)) as file:
            _check_footer(file, len(plain), use_case.landing)
            # A long text repeated in every row stays one text as long as it is read as a dictionary.
            texts = [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]
        with pq.ParquetFile(io.BytesIO(plain), read_dictionary=texts) as file:
            table = file.read(use_threads=False)
        frame = table.to_pandas(ignore_metadata=True, date_as_object=False, use_threads=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, DecodeError):
            raise
        raise DecodeError("malformed", f"not readable as Parquet: {' '.join(str(error).split())}") from error
    for name in texts:
        frame[name] = frame[name].astype(object)
    return frame


def _check_footer(file: Any, size: int, rules: Landing) -> None:
    rows, names = file.metadata.num_rows, file.schema_arrow.names
    check_rows(rows, rules)
    check_columns(len(names), rules)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DecodeError("duplicate_columns", f"column {twice[0]!r} is there twice; rename one")
    least = rows * len(names) * CELL_BYTES
    if least > rules.bytes_max and least > size * rules.expansion_max:
        reason = f"{size} bytes hold {rows} x {len(names)} values, above landing.expansion_max {rules.expansion_max:g}"
        raise DecodeError("expands_too_much", reason)
