"""The rules of a use case as a Great Expectations suite.

Rules for a row (a value that must be there, a range, allowed values, everything read) send rows to quarantine; rules
for the table (columns, missing shares, row count) reject the batch. Each expectation carries its level and its sentence
in its `meta`, so that the result of a run explains itself.
"""

from collections.abc import Iterator
from typing import Any

from mlops_assets.decode.coerce import allowed_values
from mlops_assets.decode.table import UNPARSABLE
from mlops_assets.spec import Column, UseCase

LABELS_SHOWN = 8


def build_suite(use_case: UseCase) -> Any:
    """The great_expectations.ExpectationSuite named after the use case."""
    import great_expectations as gx

    # Its classes are re-exported in a way that strict type checking does not follow.
    kinds: Any = gx.expectations
    rules = [*_table_rules(use_case, kinds), *_row_rules(use_case, kinds)]
    return gx.ExpectationSuite(name=use_case.name, expectations=rules)


def _table_rules(use_case: UseCase, gxe: Any) -> Iterator[Any]:
    rules, landing = use_case.validation, use_case.landing
    for name in use_case.read_columns:
        yield gxe.ExpectColumnToExist(column=name, meta=_meta("table", f"column {name!r} must be there"))
    yield gxe.ExpectTableRowCountToBeBetween(
        min_value=rules.rows_min,
        max_value=landing.rows_max,
        meta=_meta("table", f"{rules.rows_min} to {landing.rows_max} rows are due"),
    )
    if rules.extra_columns == "reject":
        columns = [*use_case.columns, UNPARSABLE]
        meta = _meta("table", "no column may stand beside those of the spec")
        yield gxe.ExpectTableColumnsToMatchSet(column_set=columns, exact_match=True, meta=meta)
    for name, column in use_case.columns.items():
        if column.missing_share_max is not None:
            mostly = round(1 - column.missing_share_max, 12)
            meta = _meta("table", f"at most {column.missing_share_max:.4g} of {name!r} may be missing")
            yield gxe.ExpectColumnValuesToNotBeNull(column=name, mostly=mostly, meta=meta)


def _row_rules(use_case: UseCase, gxe: Any) -> Iterator[Any]:
    yield gxe.ExpectColumnValuesToBeNull(column=UNPARSABLE, meta=_meta("row", "a value could not be read"))
    for name, column in use_case.columns.items():
        if not column.nullable:
            yield gxe.ExpectColumnValuesToNotBeNull(column=name, meta=_meta("row", f"{name!r} is missing"))
        if column.min is not None or column.max is not None:
            meta = _meta("row", f"{name!r} is {_range(column)}")
            yield gxe.ExpectColumnValuesToBeBetween(column=name, min_value=column.min, max_value=column.max, meta=meta)
        if column.allowed is not None:
            values = allowed_values(column)
            shown = ", ".join(map(str, values[:LABELS_SHOWN])) + (", ..." if len(values) > LABELS_SHOWN else "")
            meta = _meta("row", f"{name!r} is none of {shown}")
            yield gxe.ExpectColumnValuesToBeInSet(column=name, value_set=values, meta=meta)


def _range(column: Column) -> str:
    if column.min is None:
        return f"above {column.max:g}"
    return f"below {column.min:g}" if column.max is None else f"outside {column.min:g} to {column.max:g}"


def _meta(level: str, sentence: str) -> dict[str, str]:
    return {"level": level, "sentence": sentence}
