"""What the way in must survive: half-written files, duplicates, floods, clocks, bombs, full disks, kills."""

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlops_assets.spec import UseCase
from resources.lake import Lake
from resources.landing.scan import Scan, scan
from resources.settings import Settings
from resources.state import ledger
from resources.state.database import State, metadata

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
SPEC = {
    "name": "parcels",
    "description": "Minutes by weight.",
    "task": "regression",
    "target": "minutes",
    "format": {"kind": "delimited"},
    "columns": {"weight": {"kind": "numeric"}, "minutes": {"kind": "numeric"}},
    "training": {"metric": "mae"},
    "decision": {"loss": "absolute"},
}
ENVIRONMENT = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass
class Zone:
    settings: Settings
    state: State
    now: datetime = NOW

    @property
    def folder(self) -> Path:
        return Path(self.settings.landing_root) / "parcels"

    def put(self, name: str, content: str, age_s: float = 60) -> Path:
        path = self.folder / name
        path.write_text(content)
        moment = self.now.timestamp() - age_s
        os.utime(path, (moment, moment))
        return path

    def look(self) -> Scan:
        return scan(UseCase.model_validate(SPEC), self.settings, self.state, lambda: self.now)

    def batches(self) -> list[ledger.Batch]:
        with self.state.read() as connection:
            return ledger.pending(connection, "parcels")


def run(program: str, *arguments: str, prefix: tuple[str, ...] = ()) -> str:
    """What a child process printed."""
    command = [*prefix, sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def open_zone(home: Path) -> Zone:
    """A landing zone of its own below `home`, with an empty ledger."""
    settings = Settings(home=home)
    (Path(settings.landing_root) / "parcels").mkdir(parents=True)
    state = State(settings.state_address)
    metadata.create_all(state.engine)
    return Zone(settings, state)


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
    looks, longest = 0, 0.0
    while True:
        started = time.monotonic()
        found = zone.look()
        longest = max(longest, time.monotonic() - started)
        looks += 1
        assert len(found.keys) <= 25
        if not found.waiting and not found.keys:
            break
    assert looks == 41
    assert longest < 20
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


# One process reads what reading needs, caps its address space, and forks a child for each file.
BOMB_DRIVER = """
import json, os, resource, sys
from pathlib import Path
from mlops_assets.decode.errors import DecodeError
from mlops_assets.decode.table import decode_batch
from mlops_assets.spec import UseCase
import pandas, pyarrow.parquet, orjson

spec, folder, bombs = json.loads(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
decode_batch(b"weight,minutes\\n1,2\\n", UseCase.model_validate(spec))
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
for name, keys in bombs.items():
    child = os.fork()
    if child == 0:
        before = peak()
        try:
            decode_batch((folder / name).read_bytes(), UseCase.model_validate(spec | keys))
            code = "read"
        except DecodeError as error:
            code = error.code
        print(json.dumps([name, code, peak() - before]), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""

JSON = {"format": {"kind": "json_lines"}}
HEAD = b"weight,minutes\n"
BOMBS = {
    "a million columns": (
        lambda: b",".join(b"c%d" % number for number in range(10**6)) + b"\n",
        {},
        "too_many_columns",
    ),
    "a line of 100 MB": (lambda: HEAD + b"1" * 10**8, {}, "line_too_long"),
    "a row of a million values": (lambda: HEAD + b"1,2\n" + b"1," * 500_000 + b"\n", {}, "malformed"),
    "gzip a thousandfold": (lambda: gzip.compress(HEAD + b"1,2\n" * 25_000_000, 9), {}, "expands_too_much"),
    "another encoding": (lambda: HEAD + "1,2 €\n".encode("cp1252"), {}, "wrong_encoding"),
    "NUL bytes": (lambda: HEAD + b"1,\x002\n", {}, "nul_bytes"),
    "an open quote": (lambda: HEAD + b'1,"2\n' + b"1,2\n" * 10**6, {}, "malformed"),
    "ten million rows": (lambda: HEAD + b"1,2\n" * 10**7, {}, "too_many_rows"),
    "JSON a hundred thousand deep": (
        lambda: b'{"weight": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        JSON,
        "malformed",
    ),
    "a million JSON names": (
        lambda: b"\n".join(b'{"n%d": 1}' % number for number in range(10**6)),
        JSON,
        "too_many_columns",
    ),
}


@pytest.mark.slow
def test_a_bomb_is_refused_with_a_code_and_little_memory(tmp_path: Path) -> None:
    for name, (make, _, _) in BOMBS.items():
        (tmp_path / name).write_bytes(make())
    keys = json.dumps({name: keys for name, (_, keys, _) in BOMBS.items()})
    lines = run(BOMB_DRIVER, json.dumps(SPEC), str(tmp_path), keys).splitlines()
    found = {name: (code, grown_mb) for name, code, grown_mb in map(json.loads, lines)}
    assert {name: code for name, (code, _) in found.items()} == {name: code for name, (_, _, code) in BOMBS.items()}
    assert max(grown_mb for _, grown_mb in found.values()) < 200


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


# As above: one process forks, for each point, a child that is killed there and a child that runs again.
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

for point in sys.argv[3:]:
    codes = []
    for killed_at in (point, ""):
        child = os.fork()
        if child == 0:
            os.environ["FAILPOINT"] = killed_at
            process(Path(sys.argv[2]) / point)
            os._exit(0)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    print(json.dumps(codes))
"""
POINTS = ["staged", "recording", "recorded", "before_accepted", "accepted_written", "quarantined_written"]
POINTS += ["reports_written", "deciding", "decided"]


@pytest.mark.slow
def test_a_kill_at_any_instant_loses_and_doubles_nothing(tmp_path: Path) -> None:
    zones = [open_zone(tmp_path / point) for point in POINTS]
    for zone in zones:
        zone.put("a.csv", "weight,minutes\n" + "".join(f"{number},2\n" for number in range(10)))
    codes = run(STORE_DRIVER, json.dumps(SPEC), str(tmp_path), *POINTS).splitlines()
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
