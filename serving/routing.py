"""Which arm answers a unit: a pure function of the unit, a stored salt and the split."""

from hashlib import blake2b
from typing import Literal

Arm = Literal["A", "B"]

BUCKETS = 2**53  # every bucket is a float64 without rounding


def bucket(unit_id: str, salt: str) -> float:
    """Place of a unit in [0, 1): uniform over units, the same in every process and on every machine.

    Examples
    --------
    >>> bucket("customer-17", "s") == bucket("customer-17", "s")
    True
    >>> 0 <= bucket("customer-17", "s") < 1
    True
    """
    digest = blake2b(unit_id.encode("utf-8", "surrogatepass"), key=salt.encode()[:64], digest_size=8).digest()
    return (int.from_bytes(digest, "big") % BUCKETS) / BUCKETS


def choose_arm(unit_id: str, salt: str, split_b: float) -> Arm:
    """B for the units whose bucket lies below `split_b`, so that raising it moves units only from A to B."""
    return "B" if bucket(unit_id, salt) < split_b else "A"
