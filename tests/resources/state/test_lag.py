from datetime import timedelta

import pytest

from resources.state import lag
from resources.state.feedback import Event, record_many
from resources.state.labelling import find_known
from resources.state.lag import newest_lags
from resources.state.predictions import insert


@pytest.fixture
def tell(state, truths, make_prediction, at):
    """Logs a prediction and records its truth so many seconds later."""

    def tell(prediction_id: str, seconds: float, **changes: object) -> None:
        with state.write() as connection:
            insert(connection, [make_prediction(prediction_id, **changes)])
            known = find_known(connection, [prediction_id])
            record_many(connection, [Event(prediction_id, 6, at + timedelta(seconds=seconds))], known, truths)

    return tell


def test_lags_come_in_the_order_of_their_size(state, tell):
    for prediction_id, seconds in (("a", 90.5), ("b", 3.0), ("c", 60.0)):
        tell(prediction_id, seconds)
    tell("of another experiment", 1.0, challenger_version=9)
    with state.read() as connection:
        assert newest_lags(connection, "wine_quality", 1, 2) == [3.0, 60.0, 90.5]


def test_only_the_newest_labels_count(state, tell, monkeypatch):
    monkeypatch.setattr(lag, "NEWEST", 2)
    for prediction_id, seconds in (("a", 500.0), ("b", 3.0), ("c", 60.0)):
        tell(prediction_id, seconds)
    with state.read() as connection:
        assert newest_lags(connection, "wine_quality", 1, 2) == [3.0, 60.0]
