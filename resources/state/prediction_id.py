"""Prediction ids: UUID version 7 (RFC 9562, section 5.7), which sort by time, so that their index grows at its end."""

import os
import time
from collections import deque

NS_PER_MS = 1_000_000
RANDOM_BYTES = 8
POOL_BYTES = 4096
MS_MAX = 1 << 48

VARIANTS = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}  # two bits of it are given

_pool: deque[bytes] = deque()
os.register_at_fork(after_in_child=_pool.clear)  # parent and child must not give the same bytes


def new_prediction_id() -> str:
    """An id of this moment."""
    return prediction_id(time.time_ns(), random_bytes())


def new_prediction_ids(count: int) -> list[str]:
    """Ids of this moment, sorted."""
    if count == 1:
        return [new_prediction_id()]
    moment, digits, each = _moment(time.time_ns()), os.urandom(RANDOM_BYTES * count).hex(), 2 * RANDOM_BYTES
    return sorted([moment + _tail(digits[at : at + each]) for at in range(0, each * count, each)])


def random_bytes() -> bytes:
    """Eight bytes of the system's generator, fetched many at a time: each call of it may hand the processor over."""
    while True:
        try:
            return _pool.popleft()
        except IndexError:
            fresh = os.urandom(POOL_BYTES)
            _pool.extend(fresh[at : at + RANDOM_BYTES] for at in range(0, POOL_BYTES, RANDOM_BYTES))


def prediction_id(unix_ns: int, random: bytes) -> str:
    """The id that follows from a time and 8 random bytes, 62 bits of which are used.

    Notes
    -----
    48 bits of milliseconds, the version, 12 bits of the millisecond's fraction (section 6.2, method 3: two ids of one
    process sort by time when they are a quarter of a microsecond apart), the variant, 62 random bits.

    Examples
    --------
    >>> prediction_id(1_645_557_742_000 * 1_000_000, bytes(8))
    '017f22e2-79b0-7000-8000-000000000000'
    """
    return _moment(unix_ns) + _tail(random.hex())


def _moment(unix_ns: int) -> str:
    ms, rest = divmod(unix_ns, NS_PER_MS)
    text = f"{ms % MS_MAX:012x}"
    return f"{text[:8]}-{text[8:]}-7{rest * 4096 // NS_PER_MS:03x}-"


def _tail(digits: str) -> str:
    return f"{VARIANTS[digits[0]]}{digits[1:4]}-{digits[4:]}"
