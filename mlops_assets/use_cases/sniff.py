"""What kind of file some bytes are: format, encoding, separator and decimal sign."""

import codecs
import csv
import io
import itertools
import re
from collections import Counter

from mlops_assets.decode.limits import GZIP, check_kind, gunzip
from mlops_assets.spec import Delimited, JsonLines, Landing, Parquet

SEPARATORS = ",;\t|"
LINES_READ = 200
COMMA_NUMBER = re.compile(r"-?\d+,\d+")
POINT_NUMBER = re.compile(r"-?\d+\.\d+")


def sniff_format(data: bytes) -> Delimited | Parquet | JsonLines:
    """The format of a file, compressed or not.

    Raises
    ------
    ValueError
        If it is text without a separator that gives each line the same number of values.
    """
    plain = gunzip(data, Landing()) if data.startswith(GZIP) else data
    if plain.startswith(b"PAR1"):
        return Parquet(kind="parquet")
    if not plain.strip():
        raise ValueError("the file is empty")
    check_kind(plain)
    encoding = sniff_encoding(plain)
    text = plain.decode(encoding)
    if text.lstrip().startswith("{"):
        return JsonLines(kind="json_lines", encoding=encoding)
    separator = sniff_separator(text)
    return Delimited(kind="delimited", separator=separator, decimal=sniff_decimal(text, separator), encoding=encoding)


def sniff_encoding(data: bytes) -> str:
    """UTF-8 where the bytes are; UTF-16 where their mark says so; else Windows-1252, which old spreadsheets write."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"  # what is written back opens in a spreadsheet as it came
    for encoding in ("utf-8", "cp1252"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def sniff_separator(text: str) -> str:
    """The separator that gives the first lines the same number of values, and the most of them."""
    scores = {separator: _score(text, separator) for separator in SEPARATORS}
    best = max(scores, key=lambda separator: scores[separator])
    if scores[best] == (0.0, 0):
        raise ValueError(
            "no separator among comma, semicolon, tab and | gives each line the same number of values; "
            "is this a table with names in its first line?"
        )
    return best


def sniff_decimal(text: str, separator: str) -> str:
    """A comma where numbers are written with one more often than with a point."""
    if separator == ",":
        return "."
    values = [value.strip() for row in _rows(text, separator)[1:] for value in row]
    commas = sum(COMMA_NUMBER.fullmatch(value) is not None for value in values)
    return "," if commas > sum(POINT_NUMBER.fullmatch(value) is not None for value in values) else "."


def _score(text: str, separator: str) -> tuple[float, int]:
    """Share of lines as wide as the first, and that width; zero where there is one column only."""
    widths = [len(row) for row in _rows(text, separator)]
    if not widths or widths[0] < 2:
        return 0.0, 0
    return Counter(widths)[widths[0]] / len(widths), widths[0]


def _rows(text: str, separator: str) -> list[list[str]]:
    try:
        rows = list(itertools.islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), LINES_READ))
    except csv.Error:
        return []
    return [row for row in rows if row]
