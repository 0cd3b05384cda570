"""Evidently's default preset beside ours: what it takes and what it calls drifted."""

import json
import subprocess
from pathlib import Path
from typing import Any

from bench.peers.environments import prepare

SCRIPT = Path(__file__).with_name("evidently_preset.py")


def judge(reference: Path, batches: list[Path]) -> list[dict[str, Any]]:
    """For each file of a batch `seconds`, `drifted` columns and their `share`, by a process of its own."""
    command = [str(part) for part in (prepare("evidently"), "-W", "ignore", SCRIPT, reference, *batches)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: list[dict[str, Any]] = json.loads(said.splitlines()[-1])
    return found
