"""A use case whose columns were edited after its champion was trained: the champion is fed what it was trained on."""

import pytest
from tiny_loop import VALUES, copy_home, open_tiny, points, trained_home
from tiny_stream import arrive

from mlops_assets.graph.steps.candidate import fit_candidate
from mlops_assets.graph.steps.drift import score_batch
from mlops_assets.graph.steps.models import open_champion
from mlops_assets.use_cases.load import check_use_case

pytestmark = pytest.mark.slow

FIRST = {"kind": "numeric"}  # a column that the champion does not know, before those that it knows
EDITED = check_use_case(VALUES | {"columns": {"z": FIRST} | VALUES["columns"]}, source="tests")
WITHOUT = {name: column for name, column in VALUES["columns"].items() if name != "y"}


@pytest.fixture
def edited(tmp_path_factory, tmp_path):
    """The champion of x and y, in a use case of z, x and y."""
    home = copy_home(trained_home(tmp_path_factory.getbasetemp()), tmp_path / "home")
    installation = open_tiny(home, EDITED)
    yield installation
    installation.state.close()


def test_a_batch_is_scored_by_the_columns_of_the_champion(edited):
    key = arrive(edited, "wide", points(3, n=200).assign(z=99.0)[["z", "x", "y", "above"]])
    scored = score_batch(edited, EDITED, key)
    assert scored.model.loss.n_current == 200
    assert scored.model.loss.mean_current < 0.2


def test_a_column_that_is_gone_is_missing_to_the_champion(edited):
    narrow = check_use_case(VALUES | {"columns": WITHOUT}, source="tests")
    key = arrive(edited, "narrow", points(3, n=200)[["x", "above"]])
    assert score_batch(edited, narrow, key).model.loss.n_current == 200


def test_a_challenger_with_a_further_column_is_compared_with_the_champion(edited):
    frame = points(3).assign(z=99.0, _batch="new")
    fitted = fit_candidate(frame, EDITED, open_champion(edited, EDITED), frozenset(), lambda _: None)
    new = fitted.assessment.to_dict()
    assert new["new"]["low"] <= 0 <= new["new"]["high"], new
