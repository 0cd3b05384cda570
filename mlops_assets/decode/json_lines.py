"""One JSON object a line."""

import orjson
import pandas as pd

from mlops_assets.decode.aside import ALONE, Aside
from mlops_assets.decode.errors import DecodeError
from mlops_assets.decode.limits import check_columns, check_limits
from mlops_assets.spec import UseCase


def read_json_lines(data: bytes, use_case: UseCase, aside: Aside = ALONE) -> pd.DataFrame:
    """The raw table: values as JSON has them, missing where an object lacks the name.

    Raises
    ------
    DecodeError
        Whatever check_limits raises; malformed, naming the line that is no JSON object.
    """
    text = check_limits(data, use_case)
    names: dict[str, None] = {}
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        row = _object(line, number)
        if not row.keys() <= names.keys():
            names.update(dict.fromkeys(row))
            check_columns(len(names), use_case.landing)
        rows.append(row)
    return pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype=object) for name in names})


def _object(line: bytes, number: int) -> dict[str, object]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise DecodeError("malformed", f"line {number} is not JSON: {error}") from error
    if not isinstance(row, dict):
        raise DecodeError("malformed", f"line {number}: an object is due, got {type(row).__name__}")
    return row
