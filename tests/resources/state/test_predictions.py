import pytest
import sqlalchemy as sa

from resources.state.late_scores import fill
from resources.state.predictions import Unscored, count_arms, insert, predictions, unscored


def stored(state) -> list[dict]:
    with state.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(predictions).order_by(predictions.c.id)).mappings()]


@pytest.mark.parametrize("value", ["red", 'a "quoted" text, {é}', 5, 5.25, True])
def test_row_reads_back_as_it_was(state, make_prediction, value):
    features = {"alcohol": 9.4, "note": None, "text": 'a "b" %s ? \\ \n', "flag": False}
    row = make_prediction("p1", champion_value=value, challenger_value=None, answered=value, challenger_version=None)
    row = row._replace(features=features, asked_by="key", degraded=True)
    with state.write() as connection:
        insert(connection, [row])
    [found] = stored(state)
    assert {name: found[name] for name in row._fields} == row._asdict()


def test_no_rows_is_no_error(state):
    with state.write() as connection:
        insert(connection, [])
        fill(connection, "champion", [])


def test_prediction_id_is_unique(state, make_prediction):
    with pytest.raises(sa.exc.IntegrityError), state.write() as connection:
        insert(connection, [make_prediction("p1"), make_prediction("p1")])


def test_counts_per_arm_and_phase(state, make_prediction):
    rows = [make_prediction("p1"), make_prediction("p2", arm="B"), make_prediction("p3", arm="B", phase=2)]
    with state.write() as connection:
        insert(connection, rows)
        assert count_arms(connection, "wine_quality", 1, 2) == {"A": 1, "B": 2}
        assert count_arms(connection, "wine_quality", 1, 2, phase=2) == {"A": 0, "B": 1}
        assert count_arms(connection, "wine_quality", 1, None) == {"A": 0, "B": 0}


def test_a_missing_value_is_filled_and_one_that_is_there_stays(state, make_prediction):
    with state.write() as connection:
        insert(connection, [make_prediction("p1", challenger_value=None), make_prediction("p2")])
        fill(connection, "challenger", [("p1", "blue"), ("p2", "blue"), ("unknown", "blue")])
        fill(connection, "champion", [("p1", "blue")])
    assert [(row["champion_value"], row["challenger_value"]) for row in stored(state)] == [(5, "blue"), (5, 6)]


def test_unscored_rows_of_a_pair_come_newest_first(state, make_prediction):
    rows = [
        make_prediction("old", champion_value=None),
        make_prediction("whole"),
        make_prediction("new", challenger_value=None),
        make_prediction("other", challenger_value=None, challenger_version=3),
    ]
    with state.write() as connection:
        insert(connection, rows)
        found = unscored(connection, "wine_quality", 1, 2)
        assert [(row.prediction_id, row.side) for row in found] == [("new", "challenger"), ("old", "champion")]
        assert found[0] == Unscored("new", "challenger", rows[2].features)
        assert [row.prediction_id for row in unscored(connection, "wine_quality", 1, 2, limit=1)] == ["new"]
        assert [row.prediction_id for row in unscored(connection, "wine_quality", 1, 2, looked_at=2)] == ["new"]
