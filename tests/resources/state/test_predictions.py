import pytest
import sqlalchemy as sa

from resources.state.predictions import count_arms, insert, predictions


def test_row_reads_back_as_it_was(state, make_prediction):
    row = make_prediction("p1", champion_value="red", challenger_value=None, answered="red", challenger_version=None)
    with state.write() as connection:
        insert(connection, [row])
    with state.read() as connection:
        found = connection.execute(sa.select(predictions)).mappings().one()
    assert {name: found[name] for name in row._fields} == row._asdict()


def test_no_rows_is_no_error(state):
    with state.write() as connection:
        insert(connection, [])


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
