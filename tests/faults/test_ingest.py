"""Half-written files, duplicates, floods and clocks on the way in."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from zones import Zone, open_zone

from resources.lake import Lake


@pytest.fixture
def zone(tmp_path: Path) -> Iterator[Zone]:
    made = open_zone(tmp_path)
    yield made
    made.state.close()


def test_a_file_that_is_being_written_is_one_batch_once_it_is_whole(zone: Zone) -> None:
    zone.put("a.csv", "weight,minutes\n", age_s=0)
    for _ in range(100):  # a kilobyte each 50 ms for five seconds, looked at every 100 ms
        for _ in range(2):
            with (zone.folder / "a.csv").open("a") as file:
                file.write("1,2\n" * 125)
            os.utime(zone.folder / "a.csv", (zone.now.timestamp(), zone.now.timestamp()))
            zone.now += timedelta(milliseconds=50)
        assert zone.look().keys == ()
    zone.now += timedelta(seconds=2)
    assert len(zone.look().keys) == 1
    [batch] = zone.batches()
    staged = Lake(zone.settings.lake_root).read_staged("parcels", batch.sha256)
    assert staged.count(b"\n") == 1 + 200 * 125


def test_a_file_overwritten_after_the_look_is_processed_as_it_was(zone: Zone) -> None:
    zone.put("a.csv", "weight,minutes\n1,2\n")
    zone.look()
    zone.put("a.csv", "weight,minutes\n666,2\n", age_s=0)
    [batch] = zone.batches()
    assert Lake(zone.settings.lake_root).read_staged("parcels", batch.sha256) == b"weight,minutes\n1,2\n"


def test_bytes_decide_what_is_new_and_names_do_not(zone: Zone) -> None:
    zone.put("a.csv", "weight,minutes\n1,2\n")
    zone.look()
    zone.put("b.csv", "weight,minutes\n1,2\n")
    assert zone.look().duplicates == 1
    zone.put("a.csv", "weight,minutes\n3,4\n")
    zone.look()
    assert [batch.name for batch in zone.batches()] == ["a.csv", "a.csv"]
    assert len({batch.sha256 for batch in zone.batches()}) == 2


@pytest.mark.slow
def test_a_thousand_files_at_once_are_each_taken_once(zone: Zone) -> None:
    for number in range(1000):
        zone.put(f"{number:04d}.csv", f"weight,minutes\n{number},2\n")
    looks = 0
    while True:
        found = zone.look()
        looks += 1
        assert len(found.keys) <= 25
        if not found.waiting and not found.keys:
            break
    assert looks == 41
    assert [batch.name for batch in zone.batches()] == [f"{number:04d}.csv" for number in range(1000)]


def test_no_clock_decides_what_is_taken(zone: Zone) -> None:
    """Times in the future, in the past and 50 that are equal, while the clock steps back an hour."""
    zone.put("future.csv", "weight,minutes\n1,1\n", age_s=-86_400)
    for number in range(2):
        zone.put(f"past-{number}.csv", f"weight,minutes\n{number},2\n", age_s=10**8 + number)
    for number in range(50):
        zone.put(f"equal-{number:02d}.csv", f"weight,minutes\n{number},3\n", age_s=60)
    keys = list(zone.look().keys)
    zone.now -= timedelta(hours=1)
    for _ in range(3):
        keys += zone.look().keys
        zone.now += timedelta(seconds=2)
    assert len(keys) == len(set(keys)) == 53
    assert keys == [batch.key for batch in zone.batches()]
