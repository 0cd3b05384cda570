import re

import numpy as np
import pandas as pd
import pytest

from mlops_assets.eda.column import Levels, Numbers
from mlops_assets.eda.explore import explore
from mlops_assets.eda.gathered import gather
from mlops_assets.report.eda_page import WindowLine, eda_html, levels_sentence, numbers_sentence, sample_sentence
from mlops_assets.report.eda_png import associations_png, distributions_png
from mlops_assets.use_cases.load import check_use_case

VALUES = {
    "name": "shop",
    "description": "Minutes of an order.",
    "task": "regression",
    "target": "minutes",
    "time": "at",
    "format": {"kind": "parquet"},
    "columns": {
        "id": {"kind": "id"},
        "at": {"kind": "datetime"},
        "size": {"kind": "numeric"},
        "town <b>": {"kind": "category"},
        "note": {"kind": "text"},
        "empty": {"kind": "numeric"},
        "minutes": {"kind": "numeric"},
    },
    "training": {"metric": "mae"},
    "decision": {"loss": "absolute"},
}
USE_CASE = check_use_case(VALUES, source="tests")


def table(n: int) -> pd.DataFrame:
    random = np.random.default_rng(5)
    at = pd.Timestamp("2026-01-01") + pd.to_timedelta([*range(n - 1), n + 400], unit="h")
    town = random.choice(["north", "south & east"], n)
    columns = {"id": [f"i{row}" for row in range(n)], "at": at, "size": random.normal(size=n), "town <b>": town}
    minutes = 10 + 30 * (town == "north") + random.normal(size=n)
    return pd.DataFrame(columns | {"note": ["x" * (row % 9) for row in range(n)], "empty": np.nan, "minutes": minutes})


@pytest.fixture(scope="module")
def found():
    return explore(gather([table(200)], USE_CASE), USE_CASE)


def test_the_page_loads_nothing_runs_nothing_and_escapes_names(found) -> None:
    lines = [WindowLine("20260101T000000-1d", found.first, "closed", 24, 3, "20260101T000000-1d.html")]
    lines.append(WindowLine("20260102T000000-1d", found.first, "open", 5, 0, None))
    text = eda_html(USE_CASE, found, "All rows", {"batches": 2}, lines)
    assert "<script" not in text
    assert not re.findall(r'(?:src|href)="(?!20260101T000000-1d\.html)', text)
    assert "town &lt;b&gt;" in text
    assert "<b>town" not in text
    assert text.count("<a ") == 1
    for words in ("All figures are of all rows", "correlation ratio", "Windows", "no value", "200 distinct", "closed"):
        assert words in text


def test_a_line_is_broken_where_no_row_is(found) -> None:
    (path,) = re.findall(r'class="line"[^>]*d="([^"]*)"', eda_html(USE_CASE, found, "", {}))
    assert path.count("M") == 2


def test_an_empty_table_has_a_page_and_pictures() -> None:
    empty = explore(gather([table(5)[:0]], USE_CASE), USE_CASE)
    assert "no time column, or no row with a time and a label" in eda_html(USE_CASE, empty, "", {})
    assert distributions_png(empty, "none", "minutes").startswith(b"\x89PNG")
    assert associations_png(empty, "none").startswith(b"\x89PNG")


@pytest.mark.slow
def test_pictures_are_small_enough_for_an_event(found) -> None:
    for png in (distributions_png(found, "all $x$", "minutes"), associations_png(found, "all $x$")):
        assert png.startswith(b"\x89PNG")
        assert len(png) < 300_000


def test_figures_in_words() -> None:
    numbers = Numbers(2.5, 1.29, (1, 1.75, 2.5, 3.25, 4), (0.5, 4.5), (4,), 0.015)
    assert numbers_sentence(numbers) == (
        "mean 2.5 ± 1.29; median 2.5, half between 1.75 and 3.25; 1 to 4; 1.50% far out"
    )
    levels = Levels(7, (("a", 500), ("b", 497), ("c", 1), ("d", 1)), 1)
    assert levels_sentence(levels) == "7 label(s): a 50%, b 50%, c 0.10%, d 0.10% and 3 more"


def test_a_sample_is_said_to_be_one(found) -> None:
    from dataclasses import replace

    assert sample_sentence(replace(found, rows=1_000_000)) == (
        "Rows and missing values are counted in all 1,000,000 rows; all other figures are of 200 rows drawn from them "
        "at random."
    )
