"""What `wrk` sees at full speed, and the processor time that it costs the server."""

import re
import subprocess
from dataclasses import dataclass
from os import sysconf
from pathlib import Path

POST = """wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local file = io.open("{body}", "rb"); wrk.body = file:read("*a"); file:close()
"""


@dataclass(frozen=True)
class Measured:
    """What wrk saw; `failed` counts answers other than 2xx, `cpu_us` is the server's processor time a request."""

    per_s: float
    p50_ms: float
    p99_ms: float
    failed: int
    cpu_us: float


def load(address: str, body: bytes, seconds: int, connections: int, folder: Path, root: int) -> Measured:
    """What wrk sees at full speed."""
    (folder / "body").write_bytes(body)
    script = folder / "post.lua"
    script.write_text(POST.format(body=folder / "body"), encoding="utf-8")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency"]
    before = cpu_s(root)
    said = subprocess.run([*command, "-s", script, address], check=True, capture_output=True, text=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Measured(
        float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),  # type: ignore[index]
        *(milliseconds(re.search(rf"\s{share}%\s+(\S+)", said)[1]) for share in (50, 99)),  # type: ignore[index]
        int(failed[1]) if failed else 0,
        1e6 * (cpu_s(root) - before) / int(re.search(r"(\d+) requests in", said)[1]),  # type: ignore[index]
    )


def milliseconds(shown: str) -> float:
    """Milliseconds of a time as wrk prints it: 950.00us, 1.20ms, 2.00s."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", shown).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[unit]


def cpu_s(root: int) -> float:
    """Seconds of processor time so far of a process and all that descend from it."""
    ticks, parents = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        pid = int(stat.parent.name)
        parents[pid], ticks[pid] = int(fields[1]), int(fields[11]) + int(fields[12])
    family = {root}
    while found := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= found
    return sum(ticks.get(pid, 0) for pid in family) / sysconf("SC_CLK_TCK")
