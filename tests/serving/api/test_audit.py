import pytest

from serving.api.audit import ROWS_MAX


def test_the_newest_change_comes_first_with_who_and_what(client):
    for split in (0.4, 0.5):
        client.post(
            "/config", json={"ab_split_b": split, "use_case": "wine_quality"}, headers={"X-Request-ID": f"{split}"}
        )
    newest, before = client.get("/audit").json["changes"]
    assert (newest["who"], newest["action"], newest["use_case"]) == ("local", "config", "wine_quality")
    assert (newest["route"], newest["role"], newest["request_id"]) == ("/config", "admin", "0.5")
    assert (newest["before"]["split_b"], newest["after"]["split_b"]) == (0.4, 0.5)
    assert before["request_id"] == "0.4"


def test_rows_of_one_use_case_and_a_few_of_them(client):
    for split in (0.4, 0.5):
        client.post("/config", json={"ab_split_b": split, "use_case": "wine_quality"})
    assert len(client.get("/audit?use_case=wine_quality&limit=1").json["changes"]) == 1
    assert client.get("/audit?use_case=delivery_time").json["changes"] == []


@pytest.mark.parametrize(
    ("query", "status"), [("limit=0", 422), (f"limit={ROWS_MAX + 1}", 422), ("use_case=beer", 404)]
)
def test_what_cannot_be_asked_is_refused(client, query, status):
    assert client.get(f"/audit?{query}").status_code == status
