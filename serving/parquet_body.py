"""Rows of a Parquet body, refused before anything is unpacked that would not fit into memory."""

from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any

import orjson

from mlops_assets.decode.parquet_pages import check_pages
from serving.bulk import LINE_BYTES_MAX, Line
from serving.errors import RefusedInputError

READ_BYTES = 2**16


def parquet_lines(file: IO[bytes], rows_per_block: int) -> Iterator[Line]:
    """Numbered rows of a file on the disk.

    Raises
    ------
    RefusedInputError
        If it is no Parquet file, its pages unpack to more than a reader may hold, or a text is longer than
        LINE_BYTES_MAX.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        metadata = pq.read_metadata(file)
        check_pages(file, metadata)
        # As a dictionary, a long text that stands in every row is one text until its length was looked at.
        texts = _texts(metadata)
        file.seek(0)
        opened = pq.ParquetFile(file, read_dictionary=texts, pre_buffer=False, buffer_size=READ_BYTES)
        for block in opened.iter_batches(rows_per_block):
            _check_lengths(block, number)
            for row in block.to_pylist():
                number += 1
                yield number, orjson.loads(orjson.dumps(row, default=_plain))
    except (pa.ArrowException, OSError, ValueError) as error:  # a text that is no UTF-8 is a ValueError
        raise RefusedInputError(f"the body is no Parquet file that can be read: {error}") from error


def _texts(metadata: Any) -> list[str]:
    columns = [metadata.schema.column(place) for place in range(metadata.num_columns)]
    texts = [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]
    for path in texts:
        if "." in path and path not in metadata.schema.names:
            raise ValueError(f"column {path!r} nests texts; a column is due for each")
    return texts


def _check_lengths(block: Any, before: int) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    for name, column in zip(block.schema.names, block.columns, strict=True):
        values = column.dictionary if pa.types.is_dictionary(column.type) else column
        if pa.types.is_string(values.type) or pa.types.is_binary(values.type) or pa.types.is_large_string(values.type):
            longest = pc.max(pc.binary_length(values)).as_py() or 0
            if longest > LINE_BYTES_MAX:
                rows = f"rows {before + 1} to {before + block.num_rows}"
                raise ValueError(
                    f"column {name!r}, {rows}: a text of {longest:,} bytes, {LINE_BYTES_MAX:,} are allowed"
                )


def _plain(value: Any) -> Any:
    """A value of a type that JSON lacks as it would be written there."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
