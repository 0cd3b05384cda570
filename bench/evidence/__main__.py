"""What alarms and verdicts promise against what is observed, by seeded simulation.

python -m bench.evidence [--quick] [--only PART]
"""

import argparse
import json
import time
from typing import Any

from bench.evidence import corners, harm, losses, null_streams, peers, power, topics, verdicts

PARTS = {
    "null_streams": null_streams,
    "power": power,
    "corners": corners,
    "topics": topics,
    "peers": peers,
    "losses": losses,
    "harm": harm,
    "verdicts": verdicts,
}


def main() -> None:
    """Print each part's table, then one JSON object of their figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: minutes instead of an hour")
    parser.add_argument("--only", choices=PARTS, help="one part")
    arguments = parser.parse_args()
    figures: dict[str, Any] = {}
    for name, part in PARTS.items():
        if arguments.only in (None, name):
            start = time.perf_counter()
            figures |= part.measure(arguments.quick)
            print(f"  ({name}: {time.perf_counter() - start:.0f} s)\n")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
