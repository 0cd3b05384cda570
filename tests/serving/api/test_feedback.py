import pytest

from resources.state.predictions import labelled_pairs

EVENING = "2026-03-01T20:00:00+01:00"


@pytest.fixture
def prediction_id(client):
    return client.post("/predict", json={"features": {"alcohol": 9.4}}).json["prediction_id"]


def pairs(state) -> list:
    with state.read() as connection:
        return labelled_pairs(connection, "wine_quality", 1, 2)


def status(answer) -> list[str]:
    return [one["status"] for one in answer.json["results"]]


def test_truth_makes_a_pair(client, state, prediction_id):
    answer = client.post("/feedback", json={"prediction_id": prediction_id, "truth": 6})
    assert answer.json == {"results": [{"prediction_id": prediction_id, "status": "stored"}]}
    assert pairs(state) == [(5, 6, 6)]


@pytest.mark.parametrize("truth", [6, 6.0, "6", " 6 "])
def test_truth_is_brought_to_the_models_type(client, state, prediction_id, truth):
    assert client.post("/feedback", json={"prediction_id": prediction_id, "truth": truth}).status_code == 200
    assert pairs(state) == [(5, 6, 6)]
    assert type(pairs(state)[0][2]) is int


@pytest.mark.parametrize("truth", [6.5, "six", "inf", "nan", ""])
def test_impossible_truth_is_refused_in_words(client, state, prediction_id, truth):
    answer = client.post("/feedback", json={"prediction_id": prediction_id, "truth": truth})
    assert answer.status_code == 422
    assert prediction_id in answer.json["detail"]
    assert pairs(state) == []


@pytest.mark.parametrize("truth", ["inf", "nan", "1e400"])
def test_infinite_truth_of_a_regression_is_refused(client, registry, router, truth):
    registry.add("delivery_time", 1, "champion", value=20.0)
    router.models.refresh()
    body = {"use_case": "delivery_time", "features": {"alcohol": 1}}
    prediction_id = client.post("/predict", json=body).json["prediction_id"]
    answer = client.post("/feedback", json={"prediction_id": prediction_id, "truth": truth})
    assert answer.status_code == 422


def test_retry_is_a_duplicate_and_a_later_truth_a_correction(client, state, prediction_id):
    first = {"prediction_id": prediction_id, "truth": 6, "event_time": EVENING}
    later = first | {"truth": 7, "event_time": "2026-03-02T08:00:00Z"}
    assert status(client.post("/feedback", json={"events": [first, first, later, first]})) == [
        "stored",
        "duplicate",
        "corrected",
        "duplicate",
    ]
    assert pairs(state) == [(5, 6, 7)]


def test_truth_about_an_unknown_prediction_waits(client, state):
    answer = client.post("/feedback", json={"prediction_id": "not-yet", "truth": 6})
    assert status(answer) == ["parked"]
    assert pairs(state) == []


def test_one_impossible_event_stores_none(client, state, prediction_id):
    events = [{"prediction_id": prediction_id, "truth": 6}, {"prediction_id": prediction_id, "truth": "six"}]
    assert client.post("/feedback", json={"events": events}).status_code == 422
    assert pairs(state) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"prediction_id": "p1"},
        {"truth": 6},
        {"events": []},
        {"prediction_id": "p1", "truth": 6, "events": [{"prediction_id": "p1", "truth": 6}]},
        {"prediction_id": "p1", "truth": [6]},
        {"prediction_id": "p1", "truth": 6, "event_time": "2026-03-01T20:00:00"},
        {"prediction_id": "p1", "truth": 6, "event_time": "yesterday"},
        {"prediction_id": "p" * 65, "truth": 6},
        {"prediction_id": "p1", "truth": 6, "surprise": 1},
        {"events": [{"prediction_id": "p1", "truth": 6}] * 1001},
    ],
)
def test_bodies_that_make_no_sense_are_refused(client, body):
    answer = client.post("/feedback", json=body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
