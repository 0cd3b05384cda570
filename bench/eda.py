"""Processor seconds of exploring many rows, and of the page about them.

    python -m bench.eda [--rows 1000000]

The rows are invented orders of `mlops_assets.demo.orders`, repeated.
"""

import argparse
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd

from mlops_assets.decode.table import conform
from mlops_assets.demo.orders import draw_orders
from mlops_assets.eda.explore import explore
from mlops_assets.eda.gathered import gather
from mlops_assets.report.eda_page import eda_html
from mlops_assets.report.eda_png import associations_png, distributions_png
from mlops_assets.use_cases.load import find_use_case

DRAWN, YEAR_DAYS = 50_000, 365


def timed(name: str, do: Callable[[], Any]) -> Any:
    """What `do` gives; its processor seconds are printed."""
    started = time.process_time()
    found = do()
    print(f"{name:<32} {time.process_time() - started:6.2f} s of one processor")
    return found


def main(rows: int) -> None:
    """Print the seconds of each step."""
    use_case = find_use_case("delivery_time")
    orders = conform(draw_orders(date(2025, 1, 1), YEAR_DAYS, DRAWN, groceries=0.3, random_state=1), use_case)
    frame = pd.concat([orders] * -(-rows // DRAWN), ignore_index=True)[:rows]
    print(f"{len(frame):,} rows of {len(use_case.columns)} columns")
    gathered = timed("counts and sample", lambda: gather([frame], use_case))
    found = timed(f"figures of {len(gathered.sample):,} rows", lambda: explore(gathered, use_case))
    text = timed("page", lambda: eda_html(use_case, found, "", {}))
    print(f"{'size of the page':<32} {len(text.encode()) / 1000:6.0f} kB")
    timed("picture of distributions", lambda: distributions_png(found, "", use_case.target))
    timed("picture of associations", lambda: associations_png(found, ""))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    main(parser.parse_args().rows)
