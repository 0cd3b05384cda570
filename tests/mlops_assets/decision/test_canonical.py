import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_assets.decision.canonical import canonical, sha256_of

texts = st.text(st.characters(exclude_categories=["Cs"]))
numbers = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
plain = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def test_the_example_of_the_rfc_comes_out_as_printed():
    """RFC 8785, 3.2.2 and 3.2.4."""
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '€$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    due = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical(value).decode() == due


def test_keys_are_sorted_as_the_rfc_sorts_them():
    """RFC 8785, 3.2.3: by UTF-16 code units, so that a character beyond the BMP comes before U+FB33."""
    value = {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\x80": 6, "ö": 7}
    assert list(json.loads(canonical(value))) == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]


@pytest.mark.parametrize(
    ("value", "text"),
    [  # RFC 8785, appendix B
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-5e-324, "-5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (999999999999999700000.0, "999999999999999700000"),
        (1e21, "1e+21"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"),
        (333333333.3333332, "333333333.3333332"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (1424953923781206.2, "1424953923781206.2"),
    ],
)
def test_numbers_are_written_as_the_rfc_writes_them(value, text):
    assert canonical(value).decode() == text


@given(plain)
def test_what_was_written_reads_back_and_writes_the_same(value):
    data = canonical(value)
    assert json.loads(data, parse_int=float) == value  # a double of 2**53 and more is written without a point
    assert canonical(json.loads(data)) == data


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53 + 1, -(2**53) - 1, "\ud800", [math.nan]])
def test_what_json_cannot_hold_is_refused(value):
    with pytest.raises(ValueError, match=r"no JSON number|beyond 2|surrogates not allowed"):
        canonical(value)


@pytest.mark.parametrize("value", [{1: 2}, b"bytes", {1, 2}, object()])
def test_other_types_are_refused(value):
    with pytest.raises(TypeError, match="due"):
        canonical(value)


def test_a_hash_is_that_of_the_bytes():
    assert sha256_of(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1
