import threading
from datetime import datetime

import pytest
import sqlalchemy as sa

from resources.state import audit
from resources.state.predictions import predictions
from serving.app import create_app

NAME = "wine_quality"
WINE = {"alcohol": 9.4, "pH": 3.5}


def of_wine(client) -> dict:
    (found,) = [one for one in client.get("/config").json["use_cases"] if one["use_case"] == NAME]
    return found


def test_config_shows_who_serves(client):
    shown = of_wine(client)
    assert datetime.fromisoformat(shown.pop("changed_at")).tzinfo is not None
    assert [step["split_b"] for step in shown.pop("ramp")] == [0.01, 0.05, 0.2, 0.5]
    assert shown == {
        "use_case": NAME,
        "kind": "ab",
        "split_b": 0.3,
        "sentence": "A/B: B answers 30 % of the units.",
        "ab_split_b": 0.3,
        "ramp_started_at": None,
        "paused": False,
        "version": 1,
        "phase": 1,
        "changed_by": "spec",
        "paired": True,
        "champion": {"version": 1, "engine": "fake"},
        "challenger": {"version": 2, "engine": "fake"},
        "degraded": False,
        "problems": {},
    }


def test_split_alone_is_enough_where_one_use_case_is_served(client):
    answer = client.post("/config", json={"ab_split_b": 0.5})
    assert (answer.json["ab_split_b"], answer.json["version"], answer.json["phase"]) == (0.5, 2, 2)
    assert of_wine(client)["ab_split_b"] == 0.5


def test_whole_number_is_a_share_too(client):
    assert client.post("/config", json={"ab_split_b": 1}).json["ab_split_b"] == 1.0


def test_broken_candidate_shows_its_reason(client, registry, router):
    registry.add(NAME, 3, "challenger", value=7, broken=True)
    router.models.refresh()
    assert "version 3 does not serve" in of_wine(client)["problems"]["challenger"]


@pytest.mark.parametrize("header", ["1", '"1"', " 1 ", "*", '"delivery_time:7;wine_quality:1"'])
def test_matching_version_changes(client, header):
    answer = client.post("/config", json={"ab_split_b": 0.5, "use_case": NAME}, headers={"If-Match": header})
    assert answer.status_code == 200


def test_stale_version_is_a_conflict(client):
    client.post("/config", json={"ab_split_b": 0.5, "use_case": NAME})
    for stale in ({"headers": {"If-Match": "1"}}, {}):
        body = {"ab_split_b": 0.9, "use_case": NAME} | ({} if stale else {"version": 1})
        answer = client.post("/config", json=body, **stale)
        assert answer.status_code == 409
        assert "it is at version 2 with split_b 0.5" in answer.json["detail"]
    assert of_wine(client)["ab_split_b"] == 0.5


@pytest.mark.parametrize("header", ["x", '"', "-1", "1.0", "²", "1" * 5000, '"delivery_time:1"', ";:;"])
def test_other_if_match_is_refused(client, header):
    answer = client.post("/config", json={"ab_split_b": 0.5, "use_case": NAME}, headers={"If-Match": header})
    assert answer.status_code == 400


def test_header_and_body_must_agree(client):
    body = {"ab_split_b": 0.5, "use_case": NAME, "version": 2}
    assert client.post("/config", json=body, headers={"If-Match": "1"}).status_code == 400


@pytest.mark.parametrize("split", [-0.1, 1.1, "0.3", True, [0.3]])
def test_split_outside_a_share_is_refused(client, split):
    answer = client.post("/config", json={"ab_split_b": split, "use_case": NAME})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "ab_split_b"
    assert of_wine(client)["version"] == 1


def test_unknown_use_case_is_not_found(client):
    assert client.post("/config", json={"ab_split_b": 0.3, "use_case": "nothing"}).status_code == 404


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"kind": "shadow"}, {"kind": "shadow", "split_b": 0.0, "ab_split_b": 0.3, "phase": 2}),
        ({"kind": "canary"}, {"kind": "canary", "split_b": 0.01, "ab_split_b": 0.3, "phase": 2}),
        ({"paused": True}, {"paused": True, "split_b": 0.0, "ab_split_b": 0.3, "phase": 2}),
        ({"kind": "shadow", "ab_split_b": 0.9}, {"kind": "shadow", "split_b": 0.0, "ab_split_b": 0.9, "phase": 2}),
        ({"ramp": [{"after_h": 0, "split_b": 0.5}]}, {"split_b": 0.3, "version": 2, "phase": 1}),
        (
            {"kind": "canary", "ramp": [{"after_h": 0, "split_b": 0.5}]},
            {"split_b": 0.5, "sentence": "Canary of version 2: B answers 50 % of the units; the last step."},
        ),
    ],
)
def test_any_part_of_an_experiment_may_be_changed_alone(client, body, shown):
    answer = client.post("/config", json={"use_case": NAME, **body})
    assert answer.status_code == 200, answer.json
    assert shown.items() <= answer.json.items()
    assert answer.json == of_wine(client)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "nothing to change: send one or more of ab_split_b, kind, ramp, paused"),
        ({"paused": None}, "nothing to change"),
        ({"paused": "yes"}, "paused"),
        ({"kind": "roulette"}, "'ab', 'shadow' or 'canary'"),
        ({"ramp": []}, "ramp"),
        ({"ramp": [{"after_h": 1, "split_b": 0.5}]}, "'ramp' must begin with a step at after_h: 0"),
        ({"ramp": [{"after_h": 0, "split_b": 0.5}, {"after_h": 1, "split_b": 0.4}]}, "split_b must not fall"),
        ({"ramp": [{"after_h": 0, "split_b": 1.5}]}, "ramp.0.split_b"),
        ({"ramp": [{"after_h": 0, "split_b": 0.5, "x": 1}]}, "ramp.0.x"),
        ({"split_b": 0.4}, "split_b"),
    ],
)
def test_what_cannot_be_an_experiment_is_refused_in_a_sentence(client, body, words):
    answer = client.post("/config", json={"use_case": NAME, **body})
    assert answer.status_code == 422
    assert words in answer.json["detail"]
    assert of_wine(client)["version"] == 1


def test_an_etag_guards_the_change_of_what_was_read(client):
    read = client.get("/config", query_string={"use_case": NAME})
    assert [one["use_case"] for one in read.json["use_cases"]] == [NAME]
    etag = read.headers["ETag"]
    changed = client.post("/config", json={"paused": True, "use_case": NAME}, headers={"If-Match": etag})
    assert (changed.status_code, changed.headers["ETag"]) == (200, f'"{NAME}:2"')
    stale = client.post("/config", json={"paused": False, "use_case": NAME}, headers={"If-Match": etag})
    assert stale.status_code == 409
    assert "expected version 1, it is at version 2" in stale.json["detail"]


def test_the_etag_of_all_use_cases_serves_for_each(client):
    etag = client.get("/config").headers["ETag"]
    answer = client.post("/config", json={"kind": "shadow", "use_case": NAME}, headers={"If-Match": etag})
    assert answer.status_code == 200


def test_config_of_an_unknown_use_case_is_not_found(client):
    assert client.get("/config", query_string={"use_case": "nothing"}).status_code == 404


def test_a_paused_experiment_answers_with_a_and_still_scores_b(client, router, state):
    client.post("/config", json={"ab_split_b": 1, "use_case": NAME})
    assert client.post("/predict", json={"features": WINE}).json["arm"] == "B"
    client.post("/config", json={"paused": True, "use_case": NAME})
    assert client.post("/predict", json={"features": WINE}).json["arm"] == "A"
    router.shadow.close()
    with state.read() as connection:
        rows = connection.execute(sa.select(predictions.c.arm, predictions.c.challenger_value)).all()
    assert sorted(rows) == [("A", 6), ("B", 6)]


def test_concurrent_writers_lose_no_update(router, state):
    app, statuses = create_app(router), []

    def write(number: int) -> None:
        client = app.test_client()
        body = {"ab_split_b": number / 100, "use_case": NAME, "version": 1}
        statuses.append(client.post("/config", json=body).status_code)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 9
    with state.read() as connection:
        assert len(audit.last_changes(connection, NAME)) == 1
