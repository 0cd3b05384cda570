"""A process that dies while it places batches or keeps a window loses no row and counts none twice."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from killed_at import AT_EACH_POINT
from tiny_stream import arrive, open_light, rows, tiny_stream

from resources.state import windows

# One process reads what reading needs, and forks for each point a child that is killed there and one that goes on.
DRIVER = """
import json, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tiny_stream import tiny_stream
from mlops_assets.graph.steps.placing import place_batches
from mlops_assets.graph.steps.windows import keep_window
from resources.installation import Installation
from resources.settings import Settings
import pyarrow.parquet

def process(home):
    use_case = tiny_stream()
    installation = Installation(Settings(home=home), {"tiny": use_case})
    for window in place_batches(installation, use_case).due:
        keep_window(installation, use_case, window.key)
"""
POINTS = ("placing", "placed", "window_written", "window_kept")


@pytest.mark.slow
def test_a_kill_at_any_instant_loses_and_doubles_no_row(tmp_path: Path) -> None:
    opened = [open_light(tmp_path / point, tiny_stream()) for point in POINTS]
    for one in opened:
        arrive(one, "a", rows("1", "1.5", "2", None))
        arrive(one, "b", rows("2.5", "1.1", "3"))
    stage = str(Path(__file__).parents[1] / "stage")
    command = [sys.executable, "-c", DRIVER + AT_EACH_POINT, stage, str(tmp_path), *POINTS]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [[137, 0]] * len(POINTS)
    for one in opened:
        with one.state.read() as connection:
            found = windows.tally(connection, "tiny", 86_400)
            due = windows.due(connection, "tiny", 86_400)
        assert (found.rows, found.late_rows, found.untimed_rows, due) == (5, 1, 1, [])
        kept = [one.lake.read_table("tiny", "windows", name) for name in one.lake.names("tiny", "windows")]
        assert [table["x"].tolist() for table in kept] == [[0.0, 1.0], [2.0, 0.0]]
        one.state.close()
