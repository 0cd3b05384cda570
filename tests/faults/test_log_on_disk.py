"""The prediction log on disks that are full or fail."""

import shutil
import subprocess
import sys
from pathlib import Path

import log_child
import pytest
from logged import CHILD, integrity, make_database, started, stored
from patience import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def url(tmp_path) -> str:
    return make_database(tmp_path / "state.db")


FULL = """
import os, sys
sys.path.insert(0, {stage!r})
from pathlib import Path
from log_child import answer, tell
from logged import integrity, make_database, stored
from patience import wait_until
from resources.state.database import State
from resources.state.truth import Truths
from serving.errors import NotReadyError
from serving.prediction_log import PredictionLog
place = Path(sys.argv[1])
url = make_database(place / "state.db")
filler = place / "filler"
filler.write_bytes(bytes(2_500_000))
state = State(url)
log = PredictionLog(state, Truths({{}}), sync_s=0.02)
kept, refused = [], 0

def ask():
    global refused
    row = answer()
    try:
        log.append([row])
        kept.append(row.prediction_id)
        return True
    except NotReadyError:
        refused += 1
        return False

wait_until(lambda: not ask())
wait_until(lambda: not ask() and refused > 5)
filler.unlink()
wait_until(ask)
wait_until(lambda: ask() and len(kept) > 20)
log.close()
state.close()
tell("whole" if set(kept) <= set(stored(url)) and integrity(url) == "ok" else "torn")
"""


def test_a_full_disk_closes_the_log_until_there_is_room(tmp_path):
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("unshare -rm does not work here, so no small file system can be mounted")
    place = tmp_path / "small"
    place.mkdir()
    code = FULL.format(stage=str(Path(log_child.__file__).parent))
    mount = 'mount -t tmpfs -o size=4m tmpfs "$1" && exec "$2" -c "$3" "$1"'
    with started("unshare", "-rm", "sh", "-c", mount, "sh", str(place), sys.executable, code) as child:
        wait_until(lambda: child.told("whole") or child.process.poll() is not None)
        assert child.end() == 0
    assert child.lines == ["whole"]


@pytest.mark.parametrize("mode", ["sync", "fsync"])
def test_a_disk_that_fails_closes_the_log_until_it_takes_rows_again(url, mode):
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed, so no sync can be made to fail")
    fail = [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-e",
        "inject=fsync,fdatasync:error=EIO:when=3..8",
        "-o",
        "/dev/null",
    ]
    with started(*fail, *CHILD, url, mode) as child:
        wait_until(lambda: child.told("busy"))
        before = len(child.told("ok"))
        wait_until(lambda: len(child.told("ok")) > before + 20)
        assert child.end() == 0
    told = "does not reach the disk" if mode == "sync" else "disk I/O error"
    assert any(told in line for line in child.told("busy"))
    assert set(child.told("ok")) <= set(stored(url))
    assert integrity(url) == "ok"
