import gzip
import io

import pandas as pd
import pytest

from mlops_assets.use_cases.sniff import sniff_encoding, sniff_format


@pytest.mark.parametrize(
    ("text", "separator", "decimal"),
    [
        ("a,b\n1.5,2\n3,4\n", ",", "."),
        ("a;b\n1,5;2\n3,25;4\n", ";", ","),
        ("a;b\n1.5;x, y\n3;4\n", ";", "."),
        ("a\tb\n1,5\t2\n", "\t", ","),
        ("a|b|c\n1|2|3\n", "|", "."),
        ('a,b\n"x;y;z\nnext",2\n', ",", "."),
        ("a,b\n1,2\n\n3,4\n", ",", "."),
    ],
)
def test_separator_and_decimal_sign_are_told_from_the_lines(text: str, separator: str, decimal: str) -> None:
    form = sniff_format(text.encode())
    assert (form.separator, form.decimal) == (separator, decimal)


def test_parquet_json_lines_and_gzip_are_known_by_their_first_bytes() -> None:
    buffer = io.BytesIO()
    pd.DataFrame({"a": [1]}).to_parquet(buffer)
    assert sniff_format(buffer.getvalue()).kind == "parquet"
    assert sniff_format(b'\n{"a": 1}\n').kind == "json_lines"
    assert sniff_format(gzip.compress(b"a,b\n1,2\n")).kind == "delimited"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Köln".encode(), "utf-8"),
        ("Köln €".encode("cp1252"), "cp1252"),
        ("Köln".encode("utf-16"), "utf-16"),
        (b"K\x81ln", "latin-1"),
    ],
)
def test_the_encoding_is_the_first_that_reads_all(data: bytes, encoding: str) -> None:
    assert sniff_encoding(data) == encoding


@pytest.mark.parametrize("text", ["only one column\n1\n2\n", '"' + "x" * 200_000 + '"\n'])
def test_text_without_columns_is_no_table(text: str) -> None:
    with pytest.raises(ValueError, match="no separator among"):
        sniff_format(text.encode())


def test_a_mark_at_the_beginning_is_kept_for_spreadsheets():
    found = sniff_format("Maß;Preis\n1,5;2\n2,5;3\n".encode("utf-8-sig"))
    assert (found.encoding, found.separator, found.decimal) == ("utf-8-sig", ";", ",")
