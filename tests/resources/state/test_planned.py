from datetime import timedelta

import pytest

from mlops_assets.use_cases.load import find_use_case
from resources.state.planned import planned_splits
from resources.state.routing import Wanted, change_routing, open_routing


@pytest.fixture
def wine():
    return find_use_case("wine_quality")


def test_before_routing_was_opened_the_file_says_it(state, wine):
    with state.read() as connection:
        assert planned_splits(connection, wine) == {1: 0.3}


def test_each_phase_keeps_its_split_through_changes_and_pauses(state, wine, at):
    with state.write() as connection:
        open_routing(connection, wine, at=at)
        for number, wanted in enumerate((Wanted(ab_split_b=0.5), Wanted(paused=True), Wanted(paused=False))):
            change_routing(connection, wine, wanted, expected=None, at=at + timedelta(number), by="tests")
        assert planned_splits(connection, wine) == {1: 0.3, 2: 0.5, 3: 0.0, 4: 0.5}
