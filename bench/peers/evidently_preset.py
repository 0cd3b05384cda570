"""Evidently's default preset on files; runs in an environment of its own.

python evidently_preset.py REFERENCE BATCH... : CSV or npy files; prints one JSON list, for each batch the processor
seconds it took, how many columns it calls drifted, and their share.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset


def main() -> None:
    """Print what the preset says of each batch."""
    reference, *batches = (read(Path(name)) for name in sys.argv[1:])
    print(json.dumps([judge(reference, batch) for batch in batches]))


def read(path: Path) -> pd.DataFrame:
    """The rows of a file."""
    if path.suffix == ".npy":
        rows = np.load(path)
        return pd.DataFrame(rows, columns=[f"x{at}" for at in range(rows.shape[1])])
    return pd.read_csv(path)


def judge(reference: pd.DataFrame, batch: pd.DataFrame) -> dict[str, float]:
    """Seconds, drifted columns and their share."""
    start = time.process_time()
    found = Report([DataDriftPreset()]).run(batch, reference).dict()
    seconds = time.process_time() - start
    value = next(one["value"] for one in found["metrics"] if "count" in one["value"])
    return {"seconds": seconds, "drifted": value["count"], "share": value["share"]}


if __name__ == "__main__":
    main()
