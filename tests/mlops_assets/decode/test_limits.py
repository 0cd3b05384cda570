import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_assets.decode.errors import DecodeError
from mlops_assets.decode.limits import _count_lines, check_limits
from mlops_assets.spec import Landing


def code(data: bytes, use_case) -> str:
    with pytest.raises(DecodeError) as caught:
        check_limits(data, use_case)
    assert caught.value.code in str(caught.value)
    return caught.value.code


def test_bytes_above_the_limit_are_refused(make_use_case) -> None:
    assert code(b"a,b\n1,2\n", make_use_case(landing={"bytes_max": 7})) == "too_many_bytes"


def test_a_bomb_is_refused_by_its_ratio(make_use_case) -> None:
    bomb = gzip.compress(b"a,b\n" + b"0" * 4 * 2**20)
    assert code(bomb, make_use_case()) == "expands_too_much"


def test_a_file_that_unzips_to_too_much_is_refused(make_use_case) -> None:
    data = gzip.compress(b"a,b\n" + b"1,2\n" * 1000)
    assert code(data, make_use_case(landing={"bytes_max": 1000})) == "too_many_bytes"


def test_a_small_file_may_compress_well(make_use_case) -> None:
    plain = b"a,b\n" + b"1,2\n" * 1000
    assert check_limits(gzip.compress(plain), make_use_case(landing={"expansion_max": 2})) == plain


def test_members_of_a_compressed_file_follow_one_another(make_use_case) -> None:
    assert check_limits(gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n"), make_use_case()) == b"a,b\n1,2\n"


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: data[:12] + b"\xff" * 8 + data[20:]])
def test_a_damaged_compressed_file_is_refused(damage, make_use_case) -> None:
    data = gzip.compress(bytes(range(256)) * 8)
    assert code(damage(data), make_use_case()) == "broken_gzip"


def test_nul_bytes_are_refused(make_use_case) -> None:
    assert code(b"a,b\n1,\x00\n", make_use_case()) == "nul_bytes"


@pytest.mark.parametrize("beginning", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1", b"PAR1", b"%PDF-1.7"])
def test_another_kind_of_file_is_named(beginning, make_use_case) -> None:
    assert code(beginning + bytes(50), make_use_case()) == "no_text"


def test_text_in_another_encoding_is_refused(make_use_case) -> None:
    assert code("a,b\nKöln,1\n".encode("latin-1"), make_use_case()) == "wrong_encoding"


def test_text_cut_inside_a_character_is_refused(make_use_case) -> None:
    assert code("a,b\n1,ö".encode()[:-1], make_use_case()) == "wrong_encoding"


def test_an_unknown_encoding_is_named(make_use_case) -> None:
    use_case = make_use_case(format={"kind": "delimited", "encoding": "utf-9"})
    with pytest.raises(DecodeError, match="'utf-9' is unknown"):
        check_limits(b"a\n1\n", use_case)


def test_a_header_without_a_line_end_counts_its_columns(make_use_case) -> None:
    assert code(b"a,b,c", make_use_case(landing={"columns_max": 2})) == "too_many_columns"


def test_the_line_that_is_too_long_is_named(make_use_case) -> None:
    use_case = make_use_case(landing={"line_bytes_max": 10})
    with pytest.raises(DecodeError, match="line 3"):
        check_limits(b"a,b\n1,2\n" + b"1" * 11 + b"\n1,2\n", use_case)


@given(lengths=st.lists(st.integers(0, 12), min_size=1, max_size=30), ends=st.booleans())
def test_exactly_the_lines_above_the_limit_are_too_long(lengths: list[int], ends: bool) -> None:
    text = b"\n".join(b"x" * length for length in lengths) + (b"\n" if ends else b"")
    rules = Landing(line_bytes_max=8)
    if max(lengths) > 8:
        with pytest.raises(DecodeError, match="line_bytes_max"):
            _count_lines(text, rules)
    else:
        assert _count_lines(text, rules) == max(1, text[:-1].count(b"\n") + 1)
