import threading

import pytest

from resources.state import audit
from serving.app import create_app

NAME = "wine_quality"


def of_wine(client) -> dict:
    (found,) = [one for one in client.get("/config").json["use_cases"] if one["use_case"] == NAME]
    return found


def test_config_shows_who_serves(client):
    assert of_wine(client) == {
        "use_case": NAME,
        "ab_split_b": 0.3,
        "version": 1,
        "phase": 1,
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


@pytest.mark.parametrize("header", ["1", '"1"', " 1 "])
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


@pytest.mark.parametrize("header", ["x", '"', "-1", "1.0", "²"])
def test_other_if_match_is_refused(client, header):
    answer = client.post("/config", json={"ab_split_b": 0.5, "use_case": NAME}, headers={"If-Match": header})
    assert answer.status_code == 400


def test_header_and_body_must_agree(client):
    body = {"ab_split_b": 0.5, "use_case": NAME, "version": 2}
    assert client.post("/config", json=body, headers={"If-Match": "1"}).status_code == 400


@pytest.mark.parametrize("split", [-0.1, 1.1, "0.3", None, True, [0.3]])
def test_split_outside_a_share_is_refused(client, split):
    answer = client.post("/config", json={"ab_split_b": split, "use_case": NAME})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "ab_split_b"
    assert of_wine(client)["version"] == 1


def test_unknown_use_case_is_not_found(client):
    assert client.post("/config", json={"ab_split_b": 0.3, "use_case": "nothing"}).status_code == 404


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
