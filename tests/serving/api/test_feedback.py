from datetime import UTC, datetime, timedelta

import pytest

from resources.settings import read_settings
from resources.state import keys
from resources.state.labels import evidence_columns
from resources.state.parking import count_parked
from resources.state.prediction import Prediction
from resources.state.predictions import insert
from serving import metrics
from serving.access import open_access
from serving.api import feedback
from serving.app import create_app

EVENING = "2026-03-01T20:00:00+01:00"


def prediction(prediction_id: str, **changes) -> Prediction:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return Prediction(prediction_id, "wine_quality", "u", "A", 1, 2, 5, 6, 5, {}, 1, at)._replace(**changes)


@pytest.fixture
def prediction_id(client):
    return client.post("/predict", json={"features": {"alcohol": 9.4}}).json["prediction_id"]


def labelled(state) -> list:
    with state.read() as connection:
        return evidence_columns(connection, "wine_quality", 1, 2)["truth"]


def status(answer) -> list[str]:
    return [one["status"] for one in answer.json["results"]]


def test_truth_makes_a_label(client, state, prediction_id):
    answer = client.post("/feedback", json={"prediction_id": prediction_id, "truth": 6})
    assert answer.json == {"results": [{"prediction_id": prediction_id, "status": "stored"}]}
    assert labelled(state) == [6]


@pytest.mark.parametrize("truth", [6, 6.0, "6", " 6 "])
def test_truth_is_brought_to_the_models_type(client, state, prediction_id, truth):
    assert client.post("/feedback", json={"prediction_id": prediction_id, "truth": truth}).status_code == 200
    assert labelled(state) == [6]
    assert type(labelled(state)[0]) is int


@pytest.mark.parametrize("truth", [6.5, "six", "inf", "nan", "", "1e300", "6" * 200])
def test_impossible_truth_is_refused_in_words(client, state, prediction_id, truth):
    answer = client.post("/feedback", json={"prediction_id": prediction_id, "truth": truth})
    assert answer.status_code == 422
    assert prediction_id in answer.json["detail"]
    assert labelled(state) == []


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
    assert labelled(state) == [7]


def test_truth_about_an_unknown_prediction_waits(client, state):
    answer = client.post("/feedback", json={"prediction_id": "not-yet", "truth": 6})
    assert status(answer) == ["parked"]
    assert labelled(state) == []


def test_the_router_attaches_what_waited(client, router, state):
    client.post("/feedback", json={"prediction_id": "later", "truth": 6})
    with state.write() as connection:
        insert(connection, [prediction("later")])
    assert router.log.attach_parked() == 1
    assert labelled(state) == [6]


def test_a_time_ahead_of_ours_is_refused_beyond_the_difference_of_clocks(client, state, prediction_id):
    def tell(ahead: timedelta):
        time = (datetime.now(UTC) + ahead).isoformat()
        return client.post("/feedback", json={"prediction_id": prediction_id, "truth": 6, "event_time": time})

    refused = tell(timedelta(minutes=6))
    assert refused.status_code == 422
    assert "more than 5 minutes ahead of this machine's clock" in refused.json["detail"]
    assert labelled(state) == []
    assert status(tell(timedelta(minutes=4))) == ["stored"]


@pytest.mark.parametrize("time", ["1969-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_cannot_be_is_refused(client, prediction_id, time):
    body = {"prediction_id": prediction_id, "truth": 6, "event_time": time}
    assert client.post("/feedback", json=body).status_code == 422


def test_a_text_that_looks_like_a_number_stays_a_text(use_cases):
    assert feedback.Event.model_validate({"prediction_id": "p", "truth": "007"}).truth == "007"


def test_a_first_label_is_told_to_the_metrics_with_its_lag(client, prediction_id, monkeypatch):
    told = []
    monkeypatch.setattr(metrics, "labelled", lambda *what: told.append(what))
    for truth in (6, 6, 7):
        client.post("/feedback", json={"prediction_id": prediction_id, "truth": truth})
    assert [what[0] for what in told] == ["wine_quality"]
    assert 0 <= told[0][3] < 60


def test_the_story_of_a_prediction_is_told(client, prediction_id):
    story = client.get(f"/predictions/{prediction_id}").json
    assert (story["state"], story["truth"], story["events"], story["expires_at"]) == ("pending", None, [], None)
    first = {"prediction_id": prediction_id, "truth": 6, "event_time": EVENING}
    client.post("/feedback", json={"events": [first, first, first | {"truth": 7, "source": "audit"}]})
    story = client.get(f"/predictions/{prediction_id}").json
    assert {name: story[name] for name in ("state", "truth", "corrections", "duplicates", "use_case")} == {
        "state": "corrected",
        "truth": 7,
        "corrections": 1,
        "duplicates": 1,
        "use_case": "wine_quality",
    }
    assert (story["arm"], story["version"], story["value"]) in {("A", 1, 5), ("B", 2, 6)}
    assert [(told["truth"], told["source"], told["seen"]) for told in story["events"]] in (
        [(6, "client", 2), (7, "audit", 1)],
        [(7, "audit", 1), (6, "client", 2)],
    )
    assert story["events"][0]["event_time"] == "2026-03-01T19:00:00+00:00"


def test_the_story_of_an_unknown_prediction_is_a_problem(client):
    answer = client.get("/predictions/nobody")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["detail"] == "no prediction has the id 'nobody'"


def test_an_id_that_no_prediction_can_have_is_refused(client):
    assert client.get("/predictions/a%00b").status_code == 422


@pytest.fixture
def keyed(router, state, tmp_path):
    """Posts feedback with a fresh key of a role, about a prediction that this or another key asked for."""
    made = {}
    with state.write() as connection:
        for name, role in (("mine", "predictor"), ("other", "predictor"), ("boss", "admin")):
            made[name] = keys.create(connection, role, at=router.clock(), by="test")
        insert(connection, [prediction("p1", asked_by=made["mine"][0].id), prediction("p2")])
    access = open_access(read_settings({}, home=tmp_path, state_url=state.url, keys_required=True), state, router.clock)
    client = create_app(router, access).test_client()

    def tell(name: str, prediction_id: str, path: str = "/feedback"):
        headers = {"X-API-Key": made[name][1]}
        if path == "/feedback":
            return client.post(path, json={"prediction_id": prediction_id, "truth": 6}, headers=headers)
        body = f"prediction_id,truth\n{prediction_id},6\n"
        return client.post(path, data=body, content_type="text/csv", headers=headers)

    return tell


@pytest.mark.parametrize(("name", "id_", "code"), [("mine", "p1", 200), ("boss", "p1", 200), ("boss", "p2", 200)])
def test_a_key_may_tell_the_truth_of_what_it_asked_for_and_an_admin_of_all(keyed, state, name, id_, code):
    assert keyed(name, id_).status_code == code
    assert labelled(state) == [6]


@pytest.mark.parametrize(("name", "id_"), [("other", "p1"), ("mine", "p2")])
def test_a_key_may_not_tell_the_truth_of_what_others_asked_for(keyed, state, name, id_):
    assert keyed(name, id_).status_code == 403
    bulk = keyed(name, id_, "/feedback/bulk")
    assert (bulk.json["refused"], "another key" in bulk.json["refusals"][0]["reason"]) == (1, True)
    assert labelled(state) == []


def test_a_key_may_not_tell_it_before_the_prediction_is_there_either(keyed, state, router):
    assert status(keyed("other", "p3")) == status(keyed("boss", "p4")) == ["parked"]
    with state.write() as connection:
        insert(connection, [prediction("p3", asked_by="mine"), prediction("p4")])
    router.log.attach_parked()
    assert len(labelled(state)) == 1
    with state.read() as connection:
        assert count_parked(connection, router.clock()).refused == 1


def test_one_impossible_event_stores_none(client, state, prediction_id):
    events = [{"prediction_id": prediction_id, "truth": 6}, {"prediction_id": prediction_id, "truth": "six"}]
    assert client.post("/feedback", json={"events": events}).status_code == 422
    assert labelled(state) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"prediction_id": "p1"},
        {"truth": 6},
        {"events": []},
        {"prediction_id": "p1", "truth": 6, "events": [{"prediction_id": "p1", "truth": 6}]},
        {"prediction_id": "p1", "truth": [6]},
        {"prediction_id": "p1", "truth": True},
        {"prediction_id": "p1", "truth": "6" * 257},
        {"prediction_id": "p1", "truth": "six\n"},
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
