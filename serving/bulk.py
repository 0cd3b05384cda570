"""A long body as numbered lines, each a set of values or the reason why it is none; memory stays small."""

import csv
from collections.abc import Collection, Iterator
from typing import IO, Any

import orjson

from serving.errors import RefusedInputError

READ_BYTES = 2**16
LINE_BYTES_MAX = 2**16

Line = tuple[int, dict[str, Any] | ValueError]


def read_lines(stream: IO[bytes], length: int | None) -> Iterator[tuple[int, str | ValueError]]:
    """Numbered lines of a body of `length` bytes (None = not told), without their ends and without empty ones.

    What follows the last end of line counts only when the body is known to be whole: half a number is a number too.

    Raises
    ------
    RefusedInputError
        If a line is longer than LINE_BYTES_MAX.
    """
    read, received, rest = 0, 0, b""
    while block := stream.read(READ_BYTES):
        received += len(block)
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            read += 1
            yield from _line(read, line)
        if len(rest) > LINE_BYTES_MAX:
            raise RefusedInputError(f"line {read + 1} is longer than {LINE_BYTES_MAX} bytes: is this CSV or NDJSON?")
    if rest and received != length:
        yield read + 1, ValueError("the body may have been cut here: end the last line, or send the body again")
    elif rest:
        yield from _line(read + 1, rest)


def csv_lines(
    lines: Iterator[tuple[int, str | ValueError]], due: Collection[str], wanted: Collection[str], separator: str = ","
) -> Iterator[Line]:
    """Values of each line under the names of the first one, without those that are empty unless they are due.

    Parameters
    ----------
    due, wanted : collections of str
        Columns that the first line must name, and may name.

    Raises
    ------
    RefusedInputError
        If the first line does not name the columns.
    """
    names = _header(next(lines, (1, "")), due, wanted, separator)
    for number, line in lines:
        try:
            cells = _cells(line, separator)
            if len(cells) != len(names):
                raise ValueError(f"{len(names)} cells are due, as in the first line, got {len(cells)}")
            yield number, {name: cell for name, cell in zip(names, cells, strict=True) if cell or name in due}
        except ValueError as error:
            yield number, error


def ndjson_lines(lines: Iterator[tuple[int, str | ValueError]]) -> Iterator[Line]:
    """Values of each line, which is a JSON object."""
    for number, line in lines:
        try:
            if isinstance(line, ValueError):
                raise line
            yield number, orjson.loads(line)
        except ValueError as error:
            yield number, error


def _line(number: int, line: bytes) -> Iterator[tuple[int, str | ValueError]]:
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r")
    except UnicodeDecodeError as error:
        yield number, ValueError(f"byte {error.start + 1} is not UTF-8")
        return
    if text:
        yield number, text


def _header(
    first: tuple[int, str | ValueError], due: Collection[str], wanted: Collection[str], separator: str
) -> list[str]:
    try:
        names = [name.strip() for name in _cells(first[1], separator)]
    except ValueError:
        names = []
    if not names or len(set(names)) != len(names) or not set(due) <= set(names) <= {*due, *wanted}:
        also = separator.join(wanted)
        columns = f"the columns: {separator.join(due)}[{separator}{also}]" if due else f"columns of: {also}"
        raise RefusedInputError(f"the first line must name {columns}")
    return names


def _cells(line: str | ValueError, separator: str) -> list[str]:
    if isinstance(line, ValueError):
        raise line
    try:
        return next(csv.reader([line], strict=True, delimiter=separator))
    except csv.Error as error:
        raise ValueError(f"this is no line of CSV: {error}") from None
