"""Checks before anything is parsed: a hostile file must cost neither memory nor time."""

import codecs
import zlib

from mlops_assets.decode.errors import DecodeError
from mlops_assets.spec import Delimited, Landing, Parquet, Reading, UseCase

GZIP = b"\x1f\x8b"
BOM = codecs.BOM_UTF8
CHUNK_BYTES = 2**20
AS_CSV = "save the sheet as CSV UTF-8"
OTHER_KINDS = {
    b"PK\x03\x04": ("a ZIP archive or a workbook of Excel or LibreOffice", f"{AS_CSV}, or unpack the archive"),
    b"\xd0\xcf\x11\xe0": ("an old workbook of Excel", AS_CSV),
    b"SQLite format 3": ("an SQLite database", "name it as a source of kind sql"),
    b"PAR1": ("a Parquet file", "set format.kind to parquet"),
    b"%PDF": ("a PDF", "set format.kind to document for scans"),
}
# A few bytes may well expand a thousandfold; a bomb is only one when it is large.
RATIO_FROM_BYTES = 2**20


def check_limits(data: bytes, use_case: UseCase) -> bytes:
    """The bytes to parse: unzipped where they were, text as UTF-8 without byte order mark, within every limit.

    Raises
    ------
    DecodeError
        empty, too_many_bytes, expands_too_much, broken_gzip; for text also no_text, wrong_encoding, nul_bytes,
        too_many_columns, line_too_long, too_many_rows.
    """
    rules = use_case.landing
    if len(data) > rules.bytes_max:
        raise DecodeError("too_many_bytes", f"{len(data)} bytes; landing.bytes_max is {rules.bytes_max}")
    plain = gunzip(data, rules) if data.startswith(GZIP) else data
    if not plain.strip():
        raise DecodeError("empty", "the file is empty")
    if isinstance(use_case.format, Parquet | Reading):
        return plain
    check_kind(plain)
    text = to_utf8(plain, use_case.format.encoding)
    if b"\0" in text:
        raise DecodeError("nul_bytes", f"the text holds a NUL byte at {text.index(0)}; it is cut, binary, or UTF-16")
    form = use_case.format
    if isinstance(form, Delimited):
        _check_header(text, form.separator, rules)
    check_rows(_count_lines(text, rules) - isinstance(form, Delimited), rules)
    return text


def check_kind(data: bytes) -> None:
    """Raise DecodeError where bytes that should be text begin as another kind of file does, a workbook above all."""
    for beginning, (kind, mend) in OTHER_KINDS.items():
        if data.startswith(beginning):
            raise DecodeError("no_text", f"this is {kind}, no text: {mend}")


def gunzip(data: bytes, rules: Landing) -> bytes:
    """The bytes inside, refused while they come out as soon as they are too many."""
    ceiling = min(rules.bytes_max, max(RATIO_FROM_BYTES, int(len(data) * rules.expansion_max)))
    out, rest = bytearray(), data
    try:
        while rest:
            unzip = zlib.decompressobj(wbits=31)
            while rest and not unzip.eof:
                out += unzip.decompress(rest, CHUNK_BYTES)
                rest = unzip.unconsumed_tail
                _check_expansion(len(out), len(data), ceiling, rules)
            if not unzip.eof:
                raise DecodeError("broken_gzip", "the compressed file ends too early; land it again, whole")
            rest = unzip.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise DecodeError("broken_gzip", f"the compressed file is damaged: {error}") from error
    return bytes(out)


def to_utf8(data: bytes, encoding: str) -> bytes:
    """The text as UTF-8, byte order mark removed; checked piece by piece where it claims to be UTF-8 already."""
    try:
        if codecs.lookup(encoding).name not in ("utf-8", "ascii", "utf-8-sig"):
            return data.decode(encoding).encode("utf-8").removeprefix(BOM)
        reader = codecs.getincrementaldecoder(encoding)()
        for start in range(0, len(data), CHUNK_BYTES):
            reader.decode(data[start : start + CHUNK_BYTES])
        reader.decode(b"", final=True)
    except UnicodeError as error:
        reason = f"the text is not {encoding}: {getattr(error, 'reason', error)}; set format.encoding to what it is"
        raise DecodeError("wrong_encoding", reason) from error
    except LookupError as error:
        raise DecodeError("wrong_encoding", f"format.encoding: {encoding!r} is unknown; 'utf-8' is usual") from error
    return data.removeprefix(BOM)


def check_columns(count: int, rules: Landing) -> None:
    """Raise DecodeError where there are more columns than columns_max."""
    if count > rules.columns_max:
        raise DecodeError("too_many_columns", f"{count} columns; landing.columns_max is {rules.columns_max}")


def check_rows(count: int, rules: Landing) -> None:
    """Raise DecodeError where there are more rows than rows_max."""
    if count > rules.rows_max:
        raise DecodeError("too_many_rows", f"{count} rows; landing.rows_max is {rules.rows_max}")


def _check_header(text: bytes, separator: str, rules: Landing) -> None:
    end = text.find(b"\n")
    check_columns(1 + text.count(separator.encode("utf-8"), 0, len(text) if end < 0 else end), rules)


def _count_lines(text: bytes, rules: Landing) -> int:
    """Number of lines, none of them too long: leaps from the last line end within reach to the next miss none."""
    start, reach = 0, rules.line_bytes_max + 1
    while len(text) - start >= reach:
        end = text.rfind(b"\n", start, start + reach)
        if end < 0:
            line = text.count(b"\n", 0, start) + 1
            raise DecodeError("line_too_long", f"line {line}: more than landing.line_bytes_max {rules.line_bytes_max}")
        start = end + 1
    return text.count(b"\n", 0, len(text) - 1) + 1


def _check_expansion(size: int, compressed: int, ceiling: int, rules: Landing) -> None:
    if size > rules.bytes_max:
        raise DecodeError("too_many_bytes", f"more than landing.bytes_max {rules.bytes_max} bytes once unzipped")
    if size > ceiling:
        reason = f"{compressed} bytes unzip to more than landing.expansion_max {rules.expansion_max:g} times as many"
        raise DecodeError("expands_too_much", reason)
