"""A long history of certificates verified from a copy, and random edits of its files that verification must notice.

python -m bench.certificates [--quick]
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from mlops_assets.certificate.verification import check_folder

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "stage"))

from chain import SEED, Chain, edits_caught, evidence

EDITS = 200
DECISIONS, LABELS = (20, 300), (500, 20_000)  # short form, long form: six years of weekly decisions, full budgets


def main() -> None:
    """Print what was verified and how many edits were caught, then one JSON object of both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short history")
    quick = parser.parse_args().quick
    at = 0 if quick else 1
    decisions, labels = DECISIONS[at], LABELS[at]
    with tempfile.TemporaryDirectory() as place:
        folder = _copy(_write(Path(place, "home"), decisions, labels), Path(place, "elsewhere"))
        start = time.perf_counter()
        found = check_folder(folder)
        seconds = time.perf_counter() - start
        print(f"{found.certificates:,} certificates, {found.judged:,} verdicts of {labels:,} labels each")
        each = 1000 * seconds / decisions
        print(f"  verified in {seconds:.1f} s, {each:.0f} ms a decision; failures: {len(found.failures)}")
    with tempfile.TemporaryDirectory() as place:
        folder = _copy(_write(Path(place, "home"), 4, LABELS[0]), Path(place, "elsewhere"))
        caught = edits_caught(folder, EDITS)
        print(f"  random edits of one byte of one listed file: {caught} of {EDITS} caught (seed {SEED})")
    print(json.dumps({"verify_s": round(seconds, 1), "failures": len(found.failures), "edits_caught": caught}))


def _write(home: Path, decisions: int, labels: int) -> Path:
    chain = Chain(home)
    chain.append("first", 1, [1])
    for number in range(1, decisions):
        chain.append("promote", number + 1, [number, number + 1], evidence(number, number + 1, better=True, n=labels))
    return home


def _copy(home: Path, elsewhere: Path) -> Path:
    return Path(shutil.copytree(home, elsewhere)) / "certificates" / "tiny"


if __name__ == "__main__":
    main()
