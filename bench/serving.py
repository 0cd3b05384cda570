"""Requests a second of this router, of an empty Flask route under the same server, and of its peers.

python -m bench.serving [--quick] [--only router,fsync,flask,mlflow,mlserver,bentoml]

One forest (100 trees, 11 columns), 8 connections, one row a request, then 1,000 rows a request. The router validates,
scores both arms and logs durably. Then where the processor time of a request goes, of one row and of 1,000 with what
the other arm costs, asked by one thread without a server. Needs wrk.
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from bench.contenders import BATCH_ROWS, INSTALLED, Contender, contenders, started
from bench.request_parts import print_parts
from bench.wrk import Measured, load

CONNECTIONS = 8


def main() -> None:
    """Print a table, then one JSON object of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="three seconds each, without the peers to install")
    parser.add_argument("--only", default="", help="names of contenders, separated by commas")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not on the path; install it (Debian: apt-get install wrk)")
    seconds = 3 if options.quick else 10
    wanted = [name for name in options.only.split(",") if name] or ["router", "fsync", "flask", "mlflow"]
    if not options.only and not options.quick:
        wanted += INSTALLED
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for one in contenders(Path(folder), wanted):
            found[one.name] = measure(one, seconds, Path(folder))
            if one.name == "router":
                print_parts(one)
    print(json.dumps(ratios(found)))


def measure(one: Contender, seconds: int, folder: Path) -> dict[str, Measured]:
    """One row a request, then 1,000 where the contender takes them."""
    with started(one, folder) as root:
        load(one.address, one.one, 2, CONNECTIONS, folder, root)
        found = {"one": load(one.address, one.one, seconds, CONNECTIONS, folder, root)}
        if one.many is not None:
            load(one.address, one.many, 1, 1, folder, root)
            found["many"] = load(one.address, one.many, seconds, 1, folder, root)
    for what, result in found.items():
        rows = BATCH_ROWS if what == "many" else 1
        print(
            f"{one.name:<9} {rows:>5} rows a request: {result.per_s:>9,.1f} requests/s, p50 {result.p50_ms:8.2f} ms, "
            f"p99 {result.p99_ms:8.2f} ms, {result.cpu_us:>9,.0f} us of processor, {result.failed} failed",
            flush=True,
        )
    return found


def ratios(found: dict[str, dict[str, Measured]]) -> dict[str, float]:
    """This router over each anchor that was measured."""
    mine, shown = found.get("router"), {}
    if mine is None:
        return {}
    for anchor, name in (("flask", "vs_empty_flask"), *((peer, f"vs_{peer}") for peer in ("mlflow", *INSTALLED))):
        if anchor in found:
            shown[name] = round(mine["one"].per_s / found[anchor]["one"].per_s, 3)
    if "flask" in found:  # on a machine that others use too, processor time tells more than what wrk sees
        shown["cpu_vs_empty_flask"] = round(found["flask"]["one"].cpu_us / mine["one"].cpu_us, 3)
        shown["p99_vs_empty_flask"] = round(mine["one"].p99_ms / found["flask"]["one"].p99_ms, 3)
    for peer in ("mlflow", *INSTALLED):
        if peer in found:
            shown[f"batch_vs_{peer}"] = round(mine["many"].per_s / found[peer]["many"].per_s, 3)
    if "fsync" in found:
        shown["fsync_vs_router"] = round(found["fsync"]["one"].per_s / mine["one"].per_s, 3)
    return shown


if __name__ == "__main__":
    main()
