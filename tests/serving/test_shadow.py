from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest
import sqlalchemy as sa
from fake_models import FakeModel
from patience import wait_until

from resources.state.log_writer import LogWriteError
from resources.state.prediction import Prediction
from resources.state.predictions import insert, predictions
from serving import shadow
from serving.models import Arms, Served
from serving.shadow import Item, ShadowScorer

GOOD = {"alcohol": 9.4}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Filled:
    """What was written, in calls of (side, values); `refuse` makes the next call fail."""

    def __init__(self) -> None:
        self.calls: list = []
        self.refuse: Exception | None = None

    def __call__(self, side, values) -> None:
        if self.refuse is not None:
            error, self.refuse = self.refuse, None
            raise error
        self.calls.append((side, values))

    @property
    def values(self) -> dict:
        return {one: value for _, values in self.calls for one, value in values}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(shadow, "AGAIN_S", 0.01)


@pytest.fixture
def filled():
    return Filled()


@pytest.fixture
def scorer(filled):
    scorer = ShadowScorer(filled)
    yield scorer
    scorer.close()


def served(version: int, **model) -> Served:
    return Served(version, FakeModel(**model))


def items(version: Served, count: int, features=GOOD) -> list[Item]:
    return [Item(f"{version.version}-{number}", version, "challenger", features) for number in range(count)]


def test_values_are_written_for_each_version_and_side(scorer, filled):
    scorer.put([*items(served(2, value=6), 3), Item("c", served(1, value=5), "champion", GOOD)])
    wait_until(lambda: scorer.scored == 4)
    assert filled.values == {"2-0": 6, "2-1": 6, "2-2": 6, "c": 5}
    assert {side for side, _ in filled.calls} == {"champion", "challenger"}


def test_rows_that_wait_are_scored_in_one_batch(scorer, filled):
    version = served(2, value=6)
    scorer.put(items(version, 50))
    wait_until(lambda: scorer.scored == 50)
    assert len(filled.calls) == 1


def test_beyond_the_limit_the_oldest_rows_go_and_are_counted(filled):
    scorer = ShadowScorer(filled, waiting_max=2)
    scorer.put(items(served(2, value=6), 5))
    assert scorer.dropped == 3
    scorer.close()
    assert set(filled.values) == {"2-3", "2-4"}


@pytest.mark.parametrize("fail", ["raises", "short"])
def test_a_version_that_fails_is_told_once_and_costs_no_other_version_its_values(scorer, filled, caplog, fail):
    broken = served(3, value=7, fail=fail)
    scorer.put([*items(broken, 2), *items(served(2, value=6), 2)])
    wait_until(lambda: scorer.scored + scorer.failed == 4)
    scorer.put(items(broken, 2))
    wait_until(lambda: scorer.failed == 4)
    assert filled.values == {"2-0": 6, "2-1": 6}
    assert len([record for record in caplog.records if "version 3 cannot score" in record.message]) == 1


def test_rows_that_do_not_fit_a_version_cost_their_neighbours_nothing(scorer, filled):
    version = served(2, value=6)
    scorer.put([*items(version, 4), Item("odd", version, "challenger", {}), Item("odder", version, "challenger", {})])
    wait_until(lambda: scorer.scored + scorer.failed == 6)
    assert set(filled.values) == {"2-0", "2-1", "2-2", "2-3"}
    assert scorer.failed == 2


def test_values_are_plain_and_finite(scorer, filled):
    given = np.array([1.5, np.nan, np.inf])
    version = Served(2, SimpleNamespace(answer_rows=lambda rows: SimpleNamespace(values=given, probabilities=None)))
    scorer.put(items(version, 3))
    wait_until(lambda: scorer.scored + scorer.failed == 3)
    assert filled.values == {"2-0": 1.5}
    assert type(filled.values["2-0"]) is float


def test_values_wait_for_a_log_that_cannot_take_them(scorer, filled):
    filled.refuse = LogWriteError(RuntimeError("locked"), refused=False)
    scorer.put(items(served(2, value=6), 3))
    wait_until(lambda: scorer.scored == 3)
    assert len(filled.values) == 3


@pytest.mark.parametrize("error", [LogWriteError(RuntimeError("odd"), refused=True), TypeError("no JSON")])
def test_values_that_the_log_refuses_are_counted_and_the_next_ones_written(scorer, filled, error):
    filled.refuse = error
    scorer.put(items(served(2, value=6), 3))
    wait_until(lambda: scorer.failed == 3)
    scorer.put(items(served(3, value=6), 1))
    wait_until(lambda: scorer.scored == 1)
    assert set(filled.values) == {"3-0"}


def test_closing_scores_what_waits(filled):
    scorer = ShadowScorer(filled)
    scorer.put(items(served(2, value=6), 600))
    scorer.close()
    assert len(filled.values) == 600


def test_rows_of_the_served_pair_that_lack_a_value_are_taken_up_again(scorer, filled, state):
    def row(prediction_id: str, **changes) -> Prediction:
        return Prediction(prediction_id, "w", "u", "A", 1, 2, 5, 6, 5, GOOD, 1, NOON)._replace(**changes)

    rows = [
        row("whole"),
        row("by champion", challenger_value=None),
        row("by challenger", champion_value=None),
        row("of others", challenger_version=3, challenger_value=None),
    ]
    with state.write() as connection:
        insert(connection, rows)
    arms = Arms(served(1, value=5), served(2, value=6))
    assert scorer.rescore_missing(state, "w", arms) == 2
    wait_until(lambda: scorer.scored == 2)
    assert filled.values == {"by champion": 6, "by challenger": 5}
    assert scorer.rescore_missing(state, "w", Arms(served(1, value=5))) == 0
    with state.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(predictions)).scalar() == 4
