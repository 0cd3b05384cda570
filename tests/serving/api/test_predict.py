import threading

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from resources.state.predictions import predictions
from resources.state.routing import Wanted
from serving import metrics
from serving.app import create_app

WINE = {"alcohol": 9.4, "pH": 3.5}
ADDRESS = "/use-cases/wine_quality/predictions"


def logged(state) -> list:
    with state.read() as connection:
        return list(connection.execute(sa.select(predictions).order_by(predictions.c.id)).mappings())


def split(router, share: float) -> None:
    router.splits.change("wine_quality", Wanted(ab_split_b=share), expected=None, by="test")


def test_answer_says_who_answered_and_is_logged(client, router, state):
    split(router, 0.0)
    answer = client.post("/predict", json={"unit_id": "u1", "features": WINE}).json
    prediction_id = answer.pop("prediction_id")
    assert answer == {
        "use_case": "wine_quality",
        "unit_id": "u1",
        "arm": "A",
        "version": 1,
        "value": 5,
        "probabilities": {"5": 1.0, "6": 0.0},
        "degraded": False,
    }
    router.shadow.close()
    (row,) = logged(state)
    assert row["prediction_id"] == prediction_id
    assert (row["champion_value"], row["challenger_value"], row["answered"]) == (5, 6, 5)
    assert (row["features"], row["arm"], row["phase"]) == (WINE, "A", 2)


def test_arm_b_answers_with_the_challenger(client, router, state):
    split(router, 1.0)
    answer = client.post(ADDRESS, json={"unit_id": "u1", "features": WINE}).json
    assert (answer["arm"], answer["version"], answer["value"]) == ("B", 2, 6)
    router.shadow.close()
    assert logged(state)[0]["champion_value"] == 5


def test_a_unit_keeps_its_arm(client, router):
    split(router, 0.5)
    arms = {client.post(ADDRESS, json={"unit_id": "u1", "features": WINE}).json["arm"] for _ in range(10)}
    assert len(arms) == 1


def test_without_a_unit_each_request_is_its_own(client, router):
    split(router, 0.5)
    arms = [client.post(ADDRESS, json={"features": WINE}).json["arm"] for _ in range(40)]
    assert set(arms) == {"A", "B"}


def test_rows_are_answered_in_order(client, state):
    rows = [{"alcohol": number} for number in range(3)]
    answers = client.post("/predict", json={"use_case": "wine_quality", "rows": rows}).json["predictions"]
    assert [row["prediction_id"] for row in logged(state)] == [answer["prediction_id"] for answer in answers]
    assert [row["features"] for row in logged(state)] == rows


def test_unit_column_of_the_use_case_names_the_unit(client, router, use_cases, monkeypatch):
    changed = use_cases["wine_quality"].model_copy(update={"unit": "pH"})
    monkeypatch.setitem(router.use_cases, "wine_quality", changed)
    assert client.post("/predict", json={"features": WINE}).json["unit_id"] == "3.5"


def test_missing_column_is_named_and_nothing_is_logged(client, state):
    answer = client.post("/predict", json={"features": {"pH": 3.5}})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["detail"] == "wine_quality: row 0, column 'alcohol': None: a number is due"
    assert logged(state) == []


def test_unknown_use_case_lists_the_known(client):
    answer = client.post("/use-cases/nothing/predictions", json={"features": WINE})
    assert answer.status_code == 404
    assert "available: delivery_time, document_type, review_rating, wine_quality" in answer.json["detail"]


def test_use_case_without_a_champion_asks_to_come_back(client):
    answer = client.post("/use-cases/delivery_time/predictions", json={"features": WINE})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "delivery_time has no champion yet" in answer.json["detail"]


def test_a_model_that_abstains_says_so_beside_its_best_guess(client, registry, router, state):
    at = {"error": 0.1, "least": 0.6, "rows": 20}
    registry.add("document_type", 1, "champion", value="form", classes=["form", "letter"], abstention=at)
    torn = {"value": "form", "classes": ["form", "letter"], "abstention": at | {"least": 0.0}}
    registry.add("document_type", 2, **torn)
    router.models.refresh()
    address, counted = "/use-cases/document_type/predictions", "mlops_answers_abstained_total"
    label = {"use_case": "document_type", "arm": "A", "version": "2"}
    sure = client.post(address, json={"features": {"alcohol": 1.0}}).json
    assert (sure["value"], sure["abstained"], sure["candidates"]) == ("form", False, ["form"])

    registry.set_alias("document_type", "champion", 2)
    router.models.refresh()
    before = metrics.OWN.get_sample_value(counted, label) or 0.0
    answers = client.post(address, json={"rows": [{"alcohol": 1.0}] * 2}).json["predictions"]
    assert [(one["value"], one["abstained"], one["candidates"]) for one in answers] == [
        ("form", True, ["form", "letter"])
    ] * 2
    assert metrics.OWN.get_sample_value(counted, label) == before + 2
    assert [row["abstained"] for row in logged(state)] == [False, True, True]


def test_several_served_use_cases_must_be_told_apart(client, registry, router):
    registry.add("delivery_time", 1, "champion", value=20.0)
    router.models.refresh()
    answer = client.post("/predict", json={"features": WINE})
    assert answer.status_code == 400
    assert "name one with use_case: delivery_time, wine_quality" in answer.json["detail"]
    assert client.post("/predict", json={"use_case": "delivery_time", "features": WINE}).json["value"] == 20.0


@pytest.mark.parametrize(
    "body",
    [
        "",
        "NaN",
        "[]",
        "null",
        '"text"',
        "{",
        '{"features": {"alcohol": NaN}}',
        '{"features": {"alcohol": Infinity}}',
        '{"features": {"alcohol": 1e400}}',
        '{"features": {"alcohol": [1]}}',
        '{"features": {"alcohol": {"a": 1}}}',
        '{"features": {"alcohol": "strong"}}',
        '{"features": {"alcohol": null}}',
        '{"features": {}}',
        '{"features": null}',
        '{"rows": []}',
        '{"rows": [1]}',
        '{"rows": [{"alcohol": 1}], "features": {"alcohol": 1}}',
        '{"features": {"alcohol": 1}, "surprise": 1}',
        '{"features": {"alcohol": 1}, "unit_id": ""}',
        '{"features": {"alcohol": 1}, "unit_id": "a\\u0000b"}',
        '{"features": {"alcohol": 1}, "unit_id": "\\ud800"}',
        '{"features": {"alcohol": 1}, "unit_id": 7}',
        '{"features": ' + '{"a": ' * 2000 + "1" + "}" * 2000 + "}",
        "[" * 100_000,
        '{"rows": [' + ",".join(['{"alcohol": 1}'] * 1001) + "]}",
    ],
)
def test_odd_bodies_are_refused_and_not_logged(client: FlaskClient, state, body):
    answer = client.post(ADDRESS, data=body, content_type="application/json")
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.mimetype == "application/problem+json"
    assert logged(state) == []


@pytest.mark.parametrize(
    "body",
    [
        '{"features": {"alcohol": 123456789012345678901234567890}}',
        '{"features": {"alcohol": 1, "alcohol": 2}}',
        '{"features": {"alcohol": 1, "text": "\\u0000<script>"}}',
        '{"features": {"alcohol": 1' + "".join(f', "c{n}": 1' for n in range(10_000)) + "}}",
    ],
)
def test_strange_but_valid_bodies_are_answered(client, body):
    assert client.post(ADDRESS, data=body, content_type="application/json").status_code == 200


def test_failing_challenger_costs_no_request(client, router, registry, state):
    registry.add("wine_quality", 3, "challenger", value=6, fail="raises")
    router.models.refresh()
    split(router, 1.0)
    answer = client.post("/predict", json={"features": WINE}).json
    assert (answer["arm"], answer["version"], answer["degraded"]) == ("A", 1, True)
    assert (logged(state)[0]["challenger_version"], logged(state)[0]["challenger_value"]) == (3, None)


def test_failing_champion_is_a_problem_in_words(client, router, registry, state):
    registry.add("wine_quality", 3, "champion", value=6, fail="raises")
    router.models.refresh()
    split(router, 0.0)
    answer = client.post("/predict", json={"features": WINE})
    assert answer.status_code == 500
    assert "version 3 could not answer: the graph is broken" in answer.json["detail"]
    assert logged(state) == []


def test_log_that_cannot_be_written_gives_no_answer(client, state):
    with state.write() as connection:
        predictions.drop(connection)
    answer = client.post("/predict", json={"features": WINE})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_answers_never_mix_versions_while_models_are_swapped(router, registry, state):
    for version in range(3, 23):
        registry.add("wine_quality", version, value=version * 10)
    registry.aliases = {("wine_quality", "champion"): 3}
    router.models.refresh()
    app, answers, failures = create_app(router), [], []

    def ask() -> None:
        client = app.test_client()
        for _ in range(40):
            answer = client.post("/predict", json={"features": WINE})
            (answers if answer.status_code == 200 else failures).append(answer.json)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for version in range(4, 23):
        registry.aliases["wine_quality", "champion"] = version
        router.models.refresh()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(answers) == 120
    assert all(answer["value"] == answer["version"] * 10 for answer in answers)
    assert all(row["answered"] == row["champion_version"] * 10 for row in logged(state))


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"NaN"])
def test_a_body_that_is_no_json_object_is_told_so(client, body):
    refused = client.post("/predict", data=body, content_type="application/json")
    assert refused.status_code == 422
    assert refused.json["detail"] == "body: a JSON object is due"
