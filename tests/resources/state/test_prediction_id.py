import os
import uuid

import pytest

from resources.state.prediction_id import new_prediction_id, new_prediction_ids, prediction_id, random_bytes

RANDOM = bytes(range(8))


def test_id_of_a_known_moment_is_the_one_of_the_standard():
    # RFC 9562, A.6: 2022-02-22T19:22:22.00Z is 0x017f22e279b0 ms; no fraction, and the random bytes worked by hand:
    # 00 01 02 03 04 05 06 07 with the first two bits replaced by the variant 10.
    assert prediction_id(0x017F22E279B0 * 10**6, RANDOM) == "017f22e2-79b0-7000-8001-020304050607"


def test_version_and_variant_are_those_of_the_standard():
    found = uuid.UUID(prediction_id(1_766_000_000_123_456_789, bytes([255]) * 8))
    assert (found.version, found.variant) == (7, uuid.RFC_4122)


def test_ids_sort_by_time_down_to_a_quarter_of_a_microsecond():
    start = 1_766_000_000_000_000_000
    ids = [prediction_id(start + step * 250, bytes([255 - step % 256] * 8)) for step in range(20_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_new_ids_differ():
    assert len({new_prediction_id() for _ in range(1000)}) == 1000


@pytest.mark.parametrize("count", [1, 1000])
def test_many_ids_are_of_one_moment_differ_and_are_sorted(count):
    before, ids, after = new_prediction_id(), new_prediction_ids(count), new_prediction_id()
    assert len(set(ids)) == count
    assert ids == sorted(ids)
    assert before[:15] <= ids[0][:15] <= after[:15]
    assert {uuid.UUID(one).version for one in ids} == {7}
    assert {uuid.UUID(one).variant for one in ids} == {uuid.RFC_4122}


def test_a_forked_process_gives_other_bytes():
    random_bytes()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, random_bytes())
        os._exit(0)
    mine = {random_bytes() for _ in range(1000)}
    os.waitpid(child, 0)
    assert os.read(read, 8) not in mine
    os.close(read)
    os.close(write)
