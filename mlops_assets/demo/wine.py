"""Red wine first, white wine later."""

from pathlib import Path

import pandas as pd

from mlops_assets.demo.stage import SEED, Stage, required_file, stage_of
from mlops_assets.demo.twin import draw_wine

RED_ROWS, WHITE_ROWS = 1600, 4900


def build_stage(folder: Path | None) -> Stage:
    """The stage of winequality-red.csv and winequality-white.csv, or of rows drawn from their statistical twin."""
    if folder is None:
        red = draw_wine("red", RED_ROWS, random_state=SEED)
        white = draw_wine("white", WHITE_ROWS, random_state=SEED + 1)
        about = "synthetic rows drawn from a statistical twin of Wine Quality"
    else:
        paths = [required_file(folder, f"winequality-{colour}.csv") for colour in ("red", "white")]
        red, white = (pd.read_csv(path, sep=";").sample(frac=1, random_state=SEED) for path in paths)
        about = f"the Wine Quality data of {folder.name}"
    families = ("linear", "tree", "lightgbm")
    return stage_of(red, white, usual="red wine", new="white wine", about=about, families=families)
