import threading

import pytest
import sqlalchemy as sa

from mlops_assets.bundle.errors import InputError
from resources.state.predictions import predictions
from serving.asked import ask
from serving.desk import Desk, Visit
from serving.errors import ModelFailedError, NotReadyError

GOOD, BAD = {"alcohol": 9.4}, {"alcohol": None}


@pytest.fixture
def wine(use_cases):
    return use_cases["wine_quality"]


@pytest.fixture
def desk(router, wine):
    return Desk(router, wine, "A")


def visit(wine, row, unit="u") -> Visit:
    return Visit(ask(wine, [row], unit, None, 1)[0])


def logged(state) -> list[str]:
    with state.read() as connection:
        return list(connection.execute(sa.select(predictions.c.prediction_id).order_by(predictions.c.id)).scalars())


def test_a_group_is_scored_and_committed_as_one(desk, router, wine, state, monkeypatch):
    group, calls = [visit(wine, GOOD, f"u{number}") for number in range(3)], []
    model = router.models.of("wine_quality").champion.model
    whole = type(model).answer_rows
    monkeypatch.setattr(type(model), "answer_rows", lambda self, rows: calls.append(len(rows)) or whole(self, rows))
    router.shadow.close()
    before = router.log.commits
    desk._work(group)
    assert (calls, router.log.commits - before) == ([3], 1)
    assert logged(state) == [one.asked.id for one in group]
    assert [one.given.record.unit_id for one in group] == ["u0", "u1", "u2"]


def test_a_row_that_does_not_fit_is_its_own_errand(desk, wine, state):
    group = [visit(wine, GOOD), visit(wine, BAD), visit(wine, GOOD)]
    desk._work(group)
    assert [isinstance(one.error, InputError) for one in group] == [False, True, False]
    assert logged(state) == [group[0].asked.id, group[2].asked.id]
    assert "row 0" in str(group[1].error)  # its own request has one row


def test_a_row_that_the_database_refuses_is_its_own_errand(desk, wine, state):
    group = [visit(wine, GOOD), visit(wine, GOOD), visit(wine, GOOD)]
    group[1].asked = group[1].asked._replace(id=group[0].asked.id)
    desk._work(group)
    assert [isinstance(one.error, NotReadyError) for one in group] == [False, True, False]
    assert group[1].given is None
    assert logged(state) == [group[0].asked.id, group[2].asked.id]


def test_a_failing_champion_is_told_to_all(desk, wine, registry, router):
    registry.add("wine_quality", 3, "champion", value=5, fail="raises")
    router.models.refresh()
    group = [visit(wine, GOOD), visit(wine, GOOD)]
    desk._work(group)
    assert [type(one.error) for one in group] == [ModelFailedError, ModelFailedError]


def test_who_is_not_served_in_time_is_asked_to_come_back(desk, wine, monkeypatch):
    monkeypatch.setattr("serving.desk.PATIENCE_S", 0.01)
    begun, until, whole = threading.Event(), threading.Event(), desk._work

    def hang(group):
        begun.set()
        assert until.wait(300)
        whole(group)

    desk._group._work = hang
    first = threading.Thread(target=desk.answer, args=(ask(wine, [GOOD], "u", None, 1)[0],))
    first.start()
    assert begun.wait(300)
    with pytest.raises(NotReadyError, match="arm A is too slow at the moment"):
        desk.answer(ask(wine, [GOOD], "u", None, 1)[0])
    until.set()
    first.join()
