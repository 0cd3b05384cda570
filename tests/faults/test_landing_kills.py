"""A disk that is full, and a process that dies, while a file is taken in."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from killed_at import AT_EACH_POINT
from zones import SPEC, Zone, open_zone, run

from resources.lake import Lake
from resources.state import ledger


@pytest.fixture
def zone(tmp_path: Path) -> Iterator[Zone]:
    made = open_zone(tmp_path)
    yield made
    made.state.close()


DISK_CHILD = """
import subprocess, sys
from datetime import UTC, datetime
from pathlib import Path
from mlops_assets.spec import UseCase
from resources.lake import LakeError
from resources.landing.scan import scan
from resources.settings import Settings
from resources.state.database import State, metadata
import json

home, disk, use_case = Path(sys.argv[1]), sys.argv[2], UseCase.model_validate(json.loads(sys.argv[3]))
settings = Settings(home=home, lake=disk + "/lake")
state = State(settings.state_address)
metadata.create_all(state.engine)
look = lambda: scan(use_case, settings, state, lambda: datetime(2100, 1, 1, tzinfo=UTC))
try:
    look()
except LakeError as error:
    print(error)
print([path.name for path in Path(disk).rglob("*") if path.is_file()])
subprocess.run(["mount", "-o", "remount,size=16m", disk], check=True)
print(len(look().keys))
"""


@pytest.mark.slow
def test_a_full_disk_leaves_the_source_and_no_half_file(zone: Zone, tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets no user mount a small disk of its own")
    path = zone.put("a.csv", "weight,minutes\n" + "1,2\n" * 750_000)
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = 'disk=$1; shift; mount -t tmpfs -o size=1m tmpfs "$disk" && exec "$@"'
    prefix = ("unshare", "-rm", "sh", "-c", mount, "sh", str(disk))
    sentence, left, taken = run(DISK_CHILD, str(tmp_path), str(disk), json.dumps(SPEC), prefix=prefix).splitlines()
    assert "No space left on device; make room there" in sentence
    assert (left, taken) == ("[]", "1")
    assert path.stat().st_size == 15 + 4 * 750_000


# One process reads what reading needs, and forks for each point a child that is killed there and one that runs again.
STORE_DRIVER = """
import json, os, sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from mlops_assets.decode.table import decode_batch
from mlops_assets.spec import UseCase
from resources.batch_store import store_validated
from resources.lake import Lake
from resources.landing.scan import scan
from resources.settings import Settings
from resources.state import ledger
from resources.state.database import State
import pyarrow.parquet

now = datetime(2100, 1, 1, tzinfo=UTC)
use_case = UseCase.model_validate(json.loads(sys.argv[1]))

def process(home):
    settings = Settings(home=home)
    state, lake = State(settings.state_address), Lake(settings.lake_root)
    scan(use_case, settings, state, lambda: now)
    with state.read() as connection:
        batches = ledger.pending(connection, "parcels")
    for batch in batches:
        frame = decode_batch(lake.read_staged("parcels", batch.sha256), use_case)
        bad = frame["weight"] > 5
        judged = SimpleNamespace(accepted=frame[~bad], quarantined=frame[bad], passed=True, failures=(), report={})
        store_validated(lake, state, "parcels", batch.key, judged, now)
"""
POINTS = ["staged", "recording", "recorded", "before_accepted", "accepted_written", "quarantined_written"]
POINTS += ["reports_written", "deciding", "decided"]


@pytest.mark.slow
def test_a_kill_at_any_instant_loses_and_doubles_nothing(tmp_path: Path) -> None:
    zones = [open_zone(tmp_path / point) for point in POINTS]
    for zone in zones:
        zone.put("a.csv", "weight,minutes\n" + "".join(f"{number},2\n" for number in range(10)))
    codes = run(STORE_DRIVER + AT_EACH_POINT, json.dumps(SPEC), str(tmp_path), *POINTS).splitlines()
    assert [json.loads(line) for line in codes] == [[137, 0]] * len(POINTS)
    for zone in zones:
        with zone.state.read() as connection:
            [batch] = ledger.accepted(connection, "parcels")
            assert ledger.counts(connection, "parcels") == {"accepted": 1}
        zone.state.close()
        lake, name = Lake(zone.settings.lake_root), f"{batch.key}.parquet"
        accepted, quarantined = (lake.read_table("parcels", kind, name) for kind in ("accepted", "quarantined"))
        assert (batch.rows_read, len(accepted), len(quarantined)) == (10, 6, 4)
        assert sorted([*accepted["weight"], *quarantined["weight"]]) == list(range(10))
        assert not list(Path(zone.settings.lake_root).rglob("*.tmp"))
