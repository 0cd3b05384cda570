import subprocess
import sys
from hashlib import blake2b

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.routing import bucket, choose_arm

SHARES = st.floats(0, 1)
UNITS = st.text(st.characters(), max_size=300)  # surrogates and the empty text included
KNOWN = [
    # unit, salt, the last 53 bits of blake2b(UTF-8 of the unit, key = UTF-8 of the salt, 8 bytes, big-endian)
    ("customer-17", "salt", 7431616012054605),
    ("", "salt", 3141299963954175),
    ("Zoë 🍷", "0123456789abcdef0123456789abcdef", 3100791061145856),
    ("\udc80", "0123456789abcdef0123456789abcdef", 4161366947247802),
    ("x" * 1000, "s" * 80, 8764714321783262),
]


@pytest.mark.parametrize(("unit", "salt", "number"), KNOWN)
def test_known_buckets_stay(unit, salt, number):
    # Another implementation must give the same; changing one would move every unit.
    assert bucket(unit, salt) * 2**53 == number


def test_bucket_is_the_same_in_every_process():
    code = "from serving.routing import bucket; print(bucket('customer-17', 'salt'))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(other.stdout) == bucket("customer-17", "salt")


@settings(max_examples=200)
@given(UNITS, st.text(max_size=80, alphabet="0123456789abcdef"))
def test_bucket_is_the_hash_as_documented(unit, salt):
    digest = blake2b(unit.encode("utf-8", "surrogatepass"), key=salt.encode()[:64], digest_size=8).digest()
    assert bucket(unit, salt) == (int.from_bytes(digest, "big") % 2**53) / 2**53


@settings(max_examples=200)
@given(UNITS, SHARES)
def test_b_answers_the_buckets_below_the_split(unit, split_b):
    assert choose_arm(unit, "salt", split_b) == ("B" if bucket(unit, "salt") < split_b else "A")


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
