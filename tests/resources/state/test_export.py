from datetime import timedelta

from resources.state.export import Wanted, export_blocks
from resources.state.feedback import Event, record_many
from resources.state.labelling import find_known
from resources.state.predictions import insert
from resources.state.truth import Truths


def exported(state, wanted: Wanted, block: int = 2) -> list[dict]:
    return [row for rows in export_blocks(state, wanted, block) for row in rows]


def test_rows_of_one_use_case_come_oldest_first_in_blocks_with_their_truth(state, make_prediction, at):
    rows = [make_prediction(f"p{number}") for number in range(5)]
    with state.write() as connection:
        insert(connection, [*rows, make_prediction("other", use_case="delivery_time")])
        record_many(connection, [Event("p3", 7, at)], find_known(connection, ["p3"]), Truths({}))
    found = exported(state, Wanted("wine_quality"))
    assert [row["prediction_id"] for row in found] == [f"p{number}" for number in range(5)]
    assert [row["truth"] for row in found] == [None, None, None, 7, None]
    assert found[0]["features"] == rows[0].features
    assert [len(rows) for rows in export_blocks(state, Wanted("wine_quality"), 2)] == [2, 2, 1]
    assert exported(state, Wanted("nothing")) == []


def test_since_is_included_and_until_is_not(state, make_prediction, at):
    hours = [at + timedelta(hours=number) for number in range(4)]
    with state.write() as connection:
        insert(connection, [make_prediction(f"p{number}", at=hour) for number, hour in enumerate(hours)])
    found = exported(state, Wanted("wine_quality", since=hours[1], until=hours[3]))
    assert [row["prediction_id"] for row in found] == ["p1", "p2"]
