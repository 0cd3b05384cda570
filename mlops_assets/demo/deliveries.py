"""Parcels first, month by month; then groceries too, which take a fraction of the time."""

from datetime import date
from pathlib import Path

import pandas as pd

from mlops_assets.demo.orders import draw_orders
from mlops_assets.demo.stage import (
    CHANGED,
    FIRST,
    HELD_OUT,
    LATER,
    NEW_ROWS,
    SEED,
    TRAFFIC,
    USUAL_ROWS,
    Stage,
    required_file,
    stage_of,
)

FILE = "amazon_delivery.csv"
YEAR, LATE = 2025, 5
DAYS = (31, 28, 31, 30, 31, 30, 31)
GROCERIES = 0.6
FAMILIES = ("linear", "tree", "lightgbm")
# Two months are enough for a champion, and a challenger may be a minute slower on parcels alone.
SETTINGS = ("retrain.rows_min=1000", "training.worse_by_max=1")


def build_stage(folder: Path | None) -> Stage:
    """A month of invented orders in each batch, some rows of it coming with the next; or the rows of the real file.

    The real file is as even over its days as no stream is; its rows are mixed, so that each batch holds all its days.
    """
    if folder is not None:
        return _real_stage(required_file(folder, FILE))
    january, february, march, april = (_month(number, rows, 0.0) for number, rows in enumerate(_USUAL, start=1))
    march, april = _with_late(march, february), _with_late(april, march)
    may, june, july = (_month(number, rows, GROCERIES) for number, rows in enumerate(_NEW, start=5))
    july.index = pd.RangeIndex(len(may) + len(june), len(may) + len(june) + len(july))
    june.index = pd.RangeIndex(len(may), len(may) + len(june))
    shuffled = july.sample(frac=1, random_state=SEED)
    return Stage(
        about="synthetic orders, made from a few rules; nobody drove them",
        usual="parcels",
        new="parcels and groceries",
        first={"january": january, "february": february},
        later={"march": march, "april": april},
        changed={"may": may, "june": june},
        traffic=shuffled[:TRAFFIC],
        held_out=shuffled[TRAFFIC:],
        families=FAMILIES,
        settings=SETTINGS,
    )


_USUAL = (FIRST, FIRST, LATER, LATER)
_NEW = (CHANGED, CHANGED, TRAFFIC + HELD_OUT)


def _month(number: int, rows: int, groceries: float) -> pd.DataFrame:
    first = date(YEAR, number, 1)
    return draw_orders(first, DAYS[number - 1], rows, groceries=groceries, random_state=SEED + number)


def _with_late(month: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """A month with some rows of the month before, which came too late for it."""
    late = before.sample(LATE, random_state=SEED).assign(Order_ID=[f"late-{row}" for row in range(LATE)])
    return pd.concat([month, late], ignore_index=True)


def _real_stage(path: Path) -> Stage:
    orders = pd.read_csv(path).sample(frac=1, random_state=SEED, ignore_index=True)
    is_grocery = orders["Category"].str.strip() == "Grocery"
    parcels, groceries = orders[~is_grocery], orders[is_grocery]
    few = min(len(groceries), round(GROCERIES * NEW_ROWS))
    new = pd.concat([groceries[:few], parcels[USUAL_ROWS : USUAL_ROWS + NEW_ROWS - few]])
    return stage_of(
        parcels[:USUAL_ROWS],
        new.sample(frac=1, random_state=SEED),
        usual="parcels",
        new="groceries and parcels",
        about=f"the deliveries of {path.parent.name}",
        families=FAMILIES,
        settings=SETTINGS,
    )
