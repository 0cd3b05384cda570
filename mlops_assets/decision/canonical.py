"""JSON in one form only, so that a value has one hash: the JSON Canonicalization Scheme, RFC 8785.

Keys are sorted by their UTF-16 code units, nothing stands between the tokens, text is UTF-8, and a number is written as
ECMAScript writes it. Any implementation of the RFC gives the same bytes.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

WHOLE_MAX = 2**53 - 1  # RFC 8785, 3.2.2.3: numbers are doubles, which hold every whole number up to here
FIXED_MIN, FIXED_MAX = -6, 21  # ECMAScript, Number::toString: powers of ten between which it writes no exponent


def canonical(value: Any) -> bytes:
    """The value's only bytes.

    Parameters
    ----------
    value : None, bool, int, float, str, and lists, tuples and mappings of these

    Raises
    ------
    ValueError
        If a number is not finite, or a whole one that no double holds; if a text holds half a surrogate pair.
    TypeError
        If a value or a key has another type.

    Examples
    --------
    >>> canonical({"b": 1.0, "a": [1e-7, "é"]}).decode()
    '{"a":[1e-7,"é"],"b":1}'
    """
    return _text(value).encode("utf-8")


def sha256_of(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return _whole(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        keys = sorted(value, key=_order)
        return "{" + ",".join(f"{_text(key)}:{_text(value[key])}" for key in keys) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return "[" + ",".join(map(_text, value)) + "]"
    raise TypeError(f"{value!r} of type {type(value).__name__} is no JSON; plain values are due")


def _order(key: Any) -> bytes:
    if not isinstance(key, str):
        raise TypeError(f"key {key!r}: a text is due")
    return key.encode("utf-16-be")


def _whole(value: int) -> str:
    if abs(value) > WHOLE_MAX and _number(float(value)) != str(value):  # equal: a double that was read back
        raise ValueError(f"{value} is beyond 2**53 - 1, which not every reader of JSON can hold; write it as text")
    return str(value)


def _number(value: float) -> str:
    """ECMAScript's text of a double: the fewest digits that give it back, as Python's repr finds them."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is no JSON number; a finite one is due")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text, point = "".join(map(str, digits)), len(digits) + int(exponent)
    return ("-" if sign else "") + _placed(text, point)


def _placed(digits: str, point: int) -> str:
    """Digits with the decimal point behind the first `point` of them."""
    if len(digits) <= point <= FIXED_MAX:
        return digits.ljust(point, "0")
    if 0 < point <= FIXED_MAX:
        return f"{digits[:point]}.{digits[point:]}"
    if FIXED_MIN < point <= 0:
        return f"0.{'0' * -point}{digits}"
    head = digits if len(digits) == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{head}e{point - 1:+d}"
