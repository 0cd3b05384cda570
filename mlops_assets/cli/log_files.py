"""The prediction log as a file, written block by block and renamed when it is whole."""

import csv
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import orjson

from mlops_assets.spec import UseCase, parse_label

Format = Literal["parquet", "csv"]
Rows = list[dict[str, Any]]
TEXTS = ("prediction_id", "use_case", "unit_id", "arm", "features", "asked_by", "document_id")
NUMBERS = ("id", "champion_version", "challenger_version", "phase")
FLAGS = ("degraded", "abstained")
VALUES = ("champion_value", "challenger_value", "answered", "truth")
TELL_EVERY = 100_000


def write_log(path: Path, form: Format, use_case: UseCase, blocks: Iterable[Rows], tell: Callable[[str], None]) -> int:
    """Number of rows written; a file that was there is replaced by a whole one or stays.

    `features` is the JSON text of the row's features, values and truth are in the type of the target.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    count, next_line = 0, TELL_EVERY
    try:
        with WRITERS[form](partial, use_case) as write:
            for rows in blocks:
                write([row | {"features": orjson.dumps(row["features"]).decode()} for row in rows])
                count += len(rows)
                if count >= next_line:
                    tell(f"{count:,} answers so far")
                    next_line += TELL_EVERY
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return count


@contextmanager
def _csv(path: Path, _: UseCase) -> Iterator[Callable[[Rows], None]]:
    names = [*NUMBERS, *TEXTS, *VALUES, "at", *FLAGS]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        yield lambda rows: writer.writerows(row | {"at": row["at"].isoformat()} for row in rows)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _parquet(path: Path, use_case: UseCase) -> Iterator[Callable[[Rows], None]]:
    """One row group a block."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    target = use_case.columns[use_case.target]
    whole = pa.int64() if use_case.task == "classification" else pa.float64()
    fields = {name: pa.int64() for name in NUMBERS} | {name: pa.string() for name in TEXTS}
    fields |= {name: whole if target.kind == "numeric" else pa.string() for name in VALUES}
    flags = {name: pa.bool_() for name in FLAGS}
    schema = pa.schema([*fields.items(), ("at", pa.timestamp("us", tz="UTC")), *flags.items()])
    with path.open("wb") as file:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            yield lambda rows: writer.write_table(pa.Table.from_pylist([_typed(row, use_case) for row in rows], schema))
        file.flush()
        os.fsync(file.fileno())


def _typed(row: dict[str, Any], use_case: UseCase) -> dict[str, Any]:
    """The row with its values in the type of the target, whatever a former target was."""
    values = {name: row.get(name) for name in VALUES}
    return row | {name: None if value is None else parse_label(value, use_case) for name, value in values.items()}


WRITERS = {"csv": _csv, "parquet": _parquet}
