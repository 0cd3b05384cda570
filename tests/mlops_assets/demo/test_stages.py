"""Every stage of `mlops demo` through the same checks."""

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from mlops_assets import demo
from mlops_assets.decode.archive import open_archive
from mlops_assets.demo import STAGES
from mlops_assets.training.families import FAMILIES
from mlops_assets.use_cases.load import find_use_case

REAL = Path(__file__).parents[4] / "shared" / "data"
FOLDERS = {"wine_quality": "wine", "delivery_time": "deliveries", "review_rating": "reviews"}


@pytest.fixture(params=STAGES)
def name(request):
    return request.param


@cache
def made(name):
    """The stage of rows made for the demo; pages of documents take seconds to draw."""
    return STAGES[name](None)


def rows_of(content, use_case):
    """The rows of a table, or of a file what can be known of them before OCR."""
    if isinstance(content, pd.DataFrame):
        return content
    archive = open_archive(content, use_case, use_case.format)
    table = archive.labels.reindex(archive.names)
    return table.assign(**dict.fromkeys(set(use_case.read_columns) - set(table)))


def check(stage, use_case):
    """The parts hold the use case's columns, no row is in two of them, and the families exist."""
    contents = [*stage.first.values(), *stage.later.values(), *stage.changed.values(), stage.traffic, stage.held_out]
    tables = [rows_of(content, use_case) for content in contents]
    assert len({*stage.first, *stage.later, *stage.changed}) == len(stage.first) + len(stage.later) + len(stage.changed)
    assert all(table[use_case.target].notna().all() for table in tables)
    assert all(set(use_case.read_columns) <= set(table) for table in tables)
    use_case = find_use_case(use_case.name, None, stage.settings)
    assert sum(map(len, tables[: len(stage.first)])) >= use_case.retrain.rows_min
    assert all(len(table) >= use_case.drift.rows_min for table in tables)
    new = pd.concat(tables[len(stage.first) + len(stage.later) :])
    assert new.index.is_unique
    assert set(stage.families) <= set(FAMILIES)


def test_every_file_but_the_tools_has_a_stage():
    folder = Path(demo.__file__).parent
    made = {build.__module__.rpartition(".")[2] for build in STAGES.values()}
    tools = {"__init__", "stage", "twin", "grammar", "orders", "papers", "scans"}
    assert made == {path.stem for path in folder.glob("*.py")} - tools


def test_rows_made_for_the_demo_fit_the_use_case(name):
    check(made(name), find_use_case(name))


def test_what_nobody_measured_or_wrote_is_called_so(name):
    about = made(name).about
    assert "synthetic" in about or "invented" in about


def test_real_rows_fit_the_use_case(name):
    if name not in FOLDERS:
        pytest.skip(f"the demo of {name} draws all it shows")
    folder = REAL / FOLDERS[name]
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there; this check needs real data")
    stage = STAGES[name](folder)
    check(stage, find_use_case(name))
    assert "synthetic" not in stage.about and "invented" not in stage.about


def test_a_folder_without_the_files_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match=r"is missing; --data names a folder that holds it|leave --data out"):
        STAGES[name](tmp_path)
