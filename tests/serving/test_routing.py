import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.routing import bucket, choose_arm

UNITS = st.text(min_size=1, max_size=40)
SHARES = st.floats(0, 1)


def test_bucket_is_the_same_in_every_process():
    code = "from serving.routing import bucket; print(bucket('customer-17', 'salt'))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(other.stdout) == bucket("customer-17", "salt")


def test_known_bucket_stays():
    # blake2b-64 of "customer-17" under the key "salt", big-endian, modulo 2**53: changing it would move every unit.
    assert bucket("customer-17", "salt") == 0.8250751206756007


@settings(max_examples=500, deadline=None)
@given(UNITS, st.text(min_size=1, max_size=32, alphabet="0123456789abcdef"))
def test_bucket_lies_between_zero_and_one(unit, salt):
    assert 0 <= bucket(unit, salt) < 1


@settings(max_examples=500, deadline=None)
@given(UNITS, SHARES, SHARES)
def test_raising_b_moves_exactly_the_buckets_between(unit, one, other):
    low, high = sorted((one, other))
    before, after = choose_arm(unit, "salt", low), choose_arm(unit, "salt", high)
    assert (before != after) == (low <= bucket(unit, "salt") < high)
    assert not (before == "B" and after == "A")


@pytest.mark.parametrize(("split_b", "arm"), [(0.0, "A"), (1.0, "B")])
def test_no_unit_escapes_a_full_split(split_b, arm):
    assert {choose_arm(f"u{number}", "salt", split_b) for number in range(2000)} == {arm}


def test_share_of_units_is_the_split():
    # 20,000 units at 0.3: standard error sqrt(0.3 * 0.7 / 20000) = 0.0032; four of them are 0.013.
    in_b = sum(choose_arm(f"u{number}", "salt", 0.3) == "B" for number in range(20_000))
    assert in_b / 20_000 == pytest.approx(0.3, abs=0.013)


def test_another_salt_is_another_assignment():
    moved = sum(choose_arm(f"u{n}", "one", 0.5) != choose_arm(f"u{n}", "two", 0.5) for n in range(1000))
    assert 400 < moved < 600
