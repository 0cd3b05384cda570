"""Which arm answers a unit: a pure function of the unit, a stored salt and the split."""

from collections.abc import Callable, Collection
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Literal

Arm = Literal["A", "B"]

BUCKETS = 2**53  # every bucket is a float64 without rounding
KEY_BYTES_MAX = 64  # of blake2b
SALTS_KEPT = 1024


def bucket(unit_id: str, salt: str) -> float:
    """Place of a unit in [0, 1): uniform over units, the same in every process and on every machine.

    Examples
    --------
    >>> bucket("customer-17", "s") == bucket("customer-17", "s")
    True
    >>> 0 <= bucket("customer-17", "s") < 1
    True
    """
    return _number(unit_id, _keyed(salt)) / BUCKETS


def choose_arm(unit_id: str, salt: str, split_b: float) -> Arm:
    """B for the units whose bucket lies below `split_b`, so that raising it moves units only from A to B."""
    return choose_arms([unit_id], salt, split_b)[unit_id]


def choose_arms(units: Collection[str], salt: str, split_b: float) -> dict[str, Arm]:
    """The arm of each unit."""
    keyed, below = _keyed(salt), split_b * BUCKETS
    return {unit: "B" if _number(unit, keyed) < below else "A" for unit in units}


def _number(unit_id: str, keyed: Callable[[], Any]) -> int:
    """The last 53 bits of the unit's 8-byte keyed BLAKE2b."""
    hashed = keyed()
    hashed.update(unit_id.encode("utf-8", "surrogatepass"))
    return int.from_bytes(hashed.digest(), "big") & (BUCKETS - 1)


@lru_cache(SALTS_KEPT)
def _keyed(salt: str) -> Callable[[], Any]:
    """Copies of the hash that has read its key: cheaper than keying it for every unit."""
    return blake2b(key=salt.encode()[:KEY_BYTES_MAX], digest_size=8).copy
