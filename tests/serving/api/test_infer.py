import pytest
import sqlalchemy as sa

from mlops_assets.spec import UseCase
from resources.state.predictions import predictions
from resources.state.routing import Wanted
from serving.api.infer import TensorIn, rows_of
from serving.errors import RefusedInputError

ADDRESS = "/v2/models/wine_quality/infer"
ALCOHOL = {"name": "alcohol", "shape": [2], "datatype": "FP64", "data": [9.4, 12.0]}
COLUMNS = ("a", "b")


def tensor(name: str, shape: list[int], data: list) -> TensorIn:
    return TensorIn(name=name, shape=shape, datatype="FP64", data=data)


def test_one_tensor_a_column_becomes_rows():
    inputs = [tensor("a", [2], [1, 2]), tensor("b", [2, 1], [[3], [4]])]
    assert rows_of(inputs, COLUMNS) == [{"a": 1, "b": 3}, {"a": 2, "b": 4}]


@pytest.mark.parametrize("data", [[1, 2, 3, 4], [[1, 2], [3, 4]]])
def test_one_table_is_read_in_the_order_of_the_columns(data):
    assert rows_of([tensor("input-0", [2, 2], data)], COLUMNS) == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ([tensor("a", [3], [1, 2])], r"input 'a' has 2 values, its shape \[3\] holds 3"),
        ([tensor("a", [1], [1]), tensor("b", [2], [1, 2])], "inputs differ in rows: a has 1, b has 2"),
        ([tensor("input-0", [1, 3], [1, 2, 3])], "input 'input-0' has 3 columns, due are a, b"),
        ([tensor("a", [0], [])], "1 to 1000 rows are due, got 0"),
        ([tensor("a", [1001], [1] * 1001)], "got 1001; send more to /use-cases/<name>/batch"),
    ],
)
def test_tensors_that_are_no_rows_are_refused_in_words(inputs, words):
    with pytest.raises(RefusedInputError, match=words):
        rows_of(inputs, COLUMNS)


def test_an_answer_names_what_answered_and_is_logged(client, router, state):
    router.splits.change("wine_quality", Wanted(ab_split_b=0.0), expected=None, by="test")
    answer = client.post(ADDRESS, json={"id": "mine", "inputs": [ALCOHOL], "parameters": {"unit_id": "u"}}).json
    outputs = {one["name"]: one for one in answer["outputs"]}
    assert (answer["model_name"], answer["model_version"], answer["id"]) == ("wine_quality", "1", "mine")
    assert outputs["predict"] == {"name": "predict", "shape": [2], "datatype": "INT64", "data": [5, 5]}
    assert outputs["predict_proba"]["shape"] == [2, 2]
    assert (outputs["arm"]["data"], outputs["version"]["data"]) == (["A", "A"], [1, 1])
    with state.read() as connection:
        logged = list(connection.execute(sa.select(predictions.c.prediction_id).order_by(predictions.c.id)).scalars())
    assert outputs["prediction_id"]["data"] == logged


def test_health_and_metadata_follow_the_protocol(client, use_cases: dict[str, UseCase]):
    assert client.get("/v2/health/live").json == {"live": True}
    assert client.get("/v2/health/ready").json == {"ready": True}
    assert client.get("/v2/models/wine_quality/ready").json == {"ready": True}
    assert client.get("/v2").json["version"] == "2"
    described = client.get("/v2/models/wine_quality").json
    assert [one["name"] for one in described["inputs"]] == list(use_cases["wine_quality"].request_columns)
    assert described["versions"] == ["1", "2"]
    assert described["outputs"][0] == {"name": "predict", "datatype": "INT64", "shape": [-1]}


def test_a_model_without_a_champion_is_not_ready(client):
    answer = client.get("/v2/models/delivery_time/ready")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert client.get("/v2/models/nothing/ready").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"inputs": []},
        {"inputs": [ALCOHOL | {"datatype": "FLOAT"}]},
        {"inputs": [ALCOHOL | {"shape": [-1]}]},
        {"inputs": [ALCOHOL | {"shape": [1, 1, 2]}]},
        {"inputs": [ALCOHOL | {"data": [{"a": 1}]}]},
        {"inputs": [ALCOHOL | {"name": "pH"}]},
    ],
)
def test_odd_bodies_are_refused(client, body):
    answer = client.post(ADDRESS, json=body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
