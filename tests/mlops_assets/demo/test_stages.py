"""Every stage of `mlops demo` through the same checks."""

from pathlib import Path

import pandas as pd
import pytest

from mlops_assets import demo
from mlops_assets.demo import STAGES
from mlops_assets.training.families import FAMILIES
from mlops_assets.use_cases.load import find_use_case

REAL = Path(__file__).parents[4] / "shared" / "data"
FOLDERS = {"wine_quality": "wine", "delivery_time": "deliveries", "review_rating": "reviews"}


@pytest.fixture(params=STAGES)
def name(request):
    return request.param


def check(stage, use_case):
    """The parts hold the use case's columns, no row is in two of them, and the families exist."""
    tables = [*stage.first.values(), *stage.later.values(), *stage.changed.values(), stage.traffic, stage.held_out]
    assert len({*stage.first, *stage.later, *stage.changed}) == 6
    assert all(set(use_case.read_columns) <= set(table) for table in tables)
    use_case = find_use_case(use_case.name, None, stage.settings)
    assert sum(map(len, stage.first.values())) >= use_case.retrain.rows_min
    assert all(len(table) >= use_case.drift.rows_min for table in tables)
    new = pd.concat([*stage.changed.values(), stage.traffic, stage.held_out])
    assert new.index.is_unique
    assert set(stage.families) <= set(FAMILIES)


def test_every_file_but_the_tools_has_a_stage():
    folder = Path(demo.__file__).parent
    made = {build.__module__.rpartition(".")[2] for build in STAGES.values()}
    assert made == {path.stem for path in folder.glob("*.py")} - {"__init__", "stage", "twin", "grammar", "orders"}


def test_rows_made_for_the_demo_fit_the_use_case(name):
    check(STAGES[name](None), find_use_case(name))


def test_what_nobody_measured_or_wrote_is_called_so(name):
    about = STAGES[name](None).about
    assert "synthetic" in about or "invented" in about


def test_real_rows_fit_the_use_case(name):
    folder = REAL / FOLDERS[name]
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there; this check needs real data")
    stage = STAGES[name](folder)
    check(stage, find_use_case(name))
    assert "synthetic" not in stage.about and "invented" not in stage.about


def test_a_folder_without_the_files_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match="is missing; --data names a folder that holds it"):
        STAGES[name](tmp_path)
