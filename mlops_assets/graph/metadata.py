"""Values as Dagster metadata."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    import pandas as pd

INLINE_BYTES_MAX = 700_000  # Dagster keeps metadata in the event log; larger pictures stay files
SIGNIFICANT = 4  # digits shown


def table_metadata(frame: "pd.DataFrame") -> dict[str, Any]:
    """Row count and column schema, under the names that Dagster's pages know."""
    columns = [dg.TableColumn(str(name), str(kind)) for name, kind in frame.dtypes.items()]
    return {"dagster/row_count": len(frame), "dagster/column_schema": dg.TableSchema(columns)}


def records_metadata(records: Sequence[Mapping[str, Any]]) -> dg.MetadataValue[Any]:
    """A table of plain records; what is neither text nor number is shown as text."""
    if not records:
        return dg.MetadataValue.text("no rows")
    plain = [{key: _cell(value) for key, value in record.items()} for record in records]
    columns = [dg.TableColumn(name, _type_of(plain, name)) for name in plain[0]]
    return dg.MetadataValue.table([dg.TableRecord(record) for record in plain], schema=dg.TableSchema(columns))


def rounded(value: float) -> float:
    """The number as it is shown, to four significant digits."""
    return float(f"{value:.{SIGNIFICANT}g}")


def picture(png: bytes) -> dg.MetadataValue[Any]:
    """A PNG shown in the page."""
    import base64

    if len(png) > INLINE_BYTES_MAX:
        return dg.MetadataValue.text(f"{len(png)} bytes, kept beside the table")
    return dg.MetadataValue.md(f"![plot](data:image/png;base64,{base64.b64encode(png).decode()})")


def _cell(value: Any) -> str | int | float | bool | None:
    if isinstance(value, float):
        return rounded(value) if value == value else None
    return value if isinstance(value, str | int | bool) or value is None else str(value)


def _type_of(records: Sequence[Mapping[str, Any]], name: str) -> str:
    kinds = {type(record.get(name)) for record in records} - {type(None)}
    return "float" if kinds and kinds <= {int, float} else "string"
