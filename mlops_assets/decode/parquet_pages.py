"""How large the pages of a Parquet file become once unpacked, read from their own headers without unpacking any.

A footer may say anything about sizes; a reader makes room for what the header of a page says (up to 2 GiB), whatever
the footer said. The layout: https://parquet.apache.org/docs/file-format/; headers are in Thrift's compact protocol.
"""

from typing import IO, Any

HEADER_BYTES_MAX = 2**16  # statistics in a header are two values, which writers cut
PAGES_MAX = 50_000
OPEN_BYTES_MAX = 2**28  # pages that a reader holds at once, one a column
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
DEEPEST = 8
UNPACKED, PACKED = 2, 3  # numbers of the fields of a page's header


class PagesError(ValueError):
    """Pages that cannot be read, or would not fit, in a sentence."""


def check_pages(file: IO[bytes], metadata: Any) -> None:
    """Refuse a file whose reader would have to hold more than OPEN_BYTES_MAX of unpacked pages at once.

    Parameters
    ----------
    metadata : pyarrow.parquet.FileMetaData

    Raises
    ------
    PagesError
        If pages are larger, are more than PAGES_MAX, or have no header.
    """
    seen = 0
    for group in range(metadata.num_row_groups):
        held = 0
        for column in range(metadata.num_columns):
            largest, pages = _largest_page(file, metadata.row_group(group).column(column), PAGES_MAX - seen)
            seen, held = seen + pages, held + largest
        if held > OPEN_BYTES_MAX:
            raise PagesError(
                f"its pages unpack to {held:,} bytes at once, {OPEN_BYTES_MAX:,} are allowed: write smaller pages"
            )


def _largest_page(file: IO[bytes], column: Any, pages_max: int) -> tuple[int, int]:
    """Bytes of the largest page of a column of a row group, unpacked, and how many pages it has."""
    starts = (column.data_page_offset, column.dictionary_page_offset if column.has_dictionary_page else None)
    at = min(start for start in starts if start)
    end, largest, pages = at + column.total_compressed_size, 0, 0
    while at < end:
        pages += 1
        if pages > pages_max:
            raise PagesError(f"it has more than {PAGES_MAX:,} pages; write larger ones")
        file.seek(at)
        unpacked, packed, length = _read_header(file.read(HEADER_BYTES_MAX))
        largest, at = max(largest, unpacked), at + length + packed
    return largest, pages


def _read_header(data: bytes) -> tuple[int, int, int]:
    """Bytes of a page unpacked and packed, and of its header."""
    try:
        fields, end = _read_struct(data, 0, 0)
        unpacked, packed = fields[UNPACKED], fields[PACKED]
    except (IndexError, KeyError) as error:
        raise PagesError(f"a page has no header, or one above {HEADER_BYTES_MAX:,} bytes") from error
    if unpacked < 0 or packed < 0:
        raise PagesError(f"a page of {packed} bytes that unpack to {unpacked} cannot be")
    return unpacked, packed, end


def _read_struct(data: bytes, at: int, depth: int) -> tuple[dict[int, int], int]:
    """Whole numbers of a struct by their field, and where it ends."""
    fields: dict[int, int] = {}
    number = 0
    while kind := data[at]:
        step, kind = kind >> 4, kind & 15
        at += 1
        if step:
            number += step
        else:
            number, at = _read_signed(data, at)
        if kind in (I16, I32, I64):
            fields[number], at = _read_signed(data, at)
        else:
            at = _skip(data, at, kind, depth)
    return fields, at + 1


def _skip(data: bytes, at: int, kind: int, depth: int) -> int:
    """Where a value that is no whole number ends; in a page's header none is a list, a set or a map."""
    if kind in (TRUE, FALSE):
        return at
    if kind == BYTE:
        return at + 1
    if kind == DOUBLE:
        return at + 8
    if kind == BINARY:
        length, at = _read_number(data, at)
        return at + length
    if kind == STRUCT and depth < DEEPEST:
        return _read_struct(data, at, depth + 1)[1]
    raise KeyError(kind)


def _read_number(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends."""
    number = shift = 0
    while data[at] & 128:
        number |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
    return number | data[at] << shift, at + 1


def _read_signed(data: bytes, at: int) -> tuple[int, int]:
    """A number whose sign is its lowest bit, and where it ends."""
    number, at = _read_number(data, at)
    return (number >> 1) ^ -(number & 1), at
