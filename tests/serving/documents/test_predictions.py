"""Predictions about documents and texts, by the same models, arms and log as all others."""

import io

import numpy as np
import pytest
import sqlalchemy as sa
from fake_reader import scan

from mlops_assets.bundle.abstention import Abstention
from resources.settings import read_settings
from resources.state import keys
from resources.state.documents import document_predictions
from resources.state.predictions import predictions
from resources.state.routing import Wanted
from serving.access import open_access
from serving.api.predict_text import TEXTS_MAX
from serving.app import create_app
from serving.router import utc_now


@pytest.fixture
def registry(registry):
    """Letters too: champion 1 answers 'bill', challenger 2 'letter'."""
    registry.add("letters", 1, "champion", value="bill", classes=["bill", "letter"], needs="")
    registry.add("letters", 2, "challenger", value="letter", classes=["bill", "letter"], needs="")
    return registry


@pytest.fixture
def router(router):
    router.splits.change("letters", Wanted(ab_split_b=0.0), expected=None, by="test")
    return router


def form(*texts: str, **fields: str) -> dict:
    files = [(io.BytesIO(scan(text)), f"{number}.png") for number, text in enumerate(texts)]
    return {"data": {"file": files, **fields}, "content_type": "multipart/form-data"}


def logged(state) -> list[dict]:
    with state.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(predictions).order_by(predictions.c.id)).mappings()]


def test_a_document_that_comes_along_is_kept_read_and_answered(client, state):
    answer = client.post("/upload-and-predict", **form("Amount due 120.00", ocr_language="eng"))
    assert answer.status_code == 200
    document, prediction = answer.json["document"], answer.json["prediction"]
    assert (document["reading"]["text"], document["known"]) == ("Amount due 120.00", False)
    assert (prediction["value"], prediction["arm"], prediction["version"]) == ("bill", "A", 1)
    assert (prediction["document_id"], prediction["confidence"]) == (document["document_id"], 1.0)
    assert prediction["ocr_confidence"] == pytest.approx(0.9)
    assert "probabilities" not in prediction
    (row,) = logged(state)
    assert (row["prediction_id"], row["use_case"]) == (prediction["prediction_id"], "letters")
    assert row["features"] == {"text": "Amount due 120.00", "words": 3.0}
    assert row["unit_id"] == document["sha256"]


def test_all_scores_come_where_they_are_wanted(client):
    answer = client.post("/upload-and-predict", **form("a letter", return_all_scores="true"))
    assert answer.json["prediction"]["probabilities"] == {"bill": 1.0, "letter": 0.0}
    text = client.post("/predict/text", json={"use_case": "letters", "text": "a", "return_all_scores": True})
    assert text.json["probabilities"] == {"bill": 1.0, "letter": 0.0}


def test_a_document_that_was_uploaded_is_answered_by_its_id(client, router, readers):
    document_id = client.post("/upload", **form("a letter")).json["document_id"]
    answer = client.post(f"/predict/document/{document_id}", json={})
    assert (answer.status_code, answer.json["value"], answer.json["document_id"]) == (200, "bill", document_id)
    router.splits.change("letters", Wanted(ab_split_b=1.0), expected=None, by="test")
    again = client.post(f"/predict/document/{document_id}", json={}).json
    assert (again["value"], again["arm"], again["version"]) == ("letter", "B", 2)
    assert again["unit_id"] == answer.json["unit_id"]
    assert len(readers[0].read_texts) == 1


def test_history_tells_every_prediction_with_its_truth(client):
    told = client.post("/upload-and-predict", **form("a letter")).json
    first, document_id = told["prediction"]["prediction_id"], told["document"]["document_id"]
    second = client.post(f"/predict/document/{document_id}", json={}).json["prediction_id"]
    said = client.post("/feedback", json={"prediction_id": first, "truth": "letter"})
    assert said.json["results"][0]["status"] == "stored"
    history = client.get(f"/prediction/history/{document_id}").json
    assert history["document_id"] == document_id
    shown = [(one["prediction_id"], one["value"], one["truth"], one["state"]) for one in history["predictions"]]
    assert shown == [(second, "bill", None, "pending"), (first, "bill", "letter", "labelled")]
    assert client.get(f"/prediction/history/{first}").json == history
    assert client.get("/prediction/history/unknown").status_code == 404


def test_a_document_that_was_not_read_is_told_why(client):
    error = client.post("/upload", **form("!encrypted")).json["errors"][0]
    answer = client.post(f"/predict/document/{error['document_id']}", json={})
    assert answer.status_code == 422
    assert "was not read: the document is encrypted" in answer.json["detail"]
    document_id = client.post("/upload", **form("a letter")).json["document_id"]
    in_german = client.post(f"/predict/document/{document_id}", json={"ocr_language": "deu"})
    assert "was not read in 'deu'; upload it again" in in_german.json["detail"]


def test_words_that_are_gone_are_a_fault_of_this_side(client, lake):
    document = client.post("/upload", **form("a letter")).json
    lake.remove("letters", "documents", "read", document["sha256"], "eng.json.gz")
    assert client.post(f"/predict/document/{document['document_id']}", json={}).status_code == 503


def test_without_a_champion_the_document_stays_and_the_answer_waits(client, router, registry):
    router.models._arms["letters"] = type(router.models.of("letters"))()
    answer = client.post("/upload-and-predict", **form("a letter"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    router.models.refresh()
    assert client.post("/upload-and-predict", **form("a letter")).json["document"]["known"]


def test_a_model_that_abstains_says_so(client, router):
    champion = router.models.of("letters").champion
    object.__setattr__(champion.model, "abstention", Abstention(0.1, 0.0, 100))
    prediction = client.post("/upload-and-predict", **form("a letter")).json["prediction"]
    assert (prediction["abstained"], prediction["candidates"]) == (True, ["bill", "letter"])
    assert client.post("/predict/text", json={"text": "a"}).json["abstained"] is True


def test_a_model_abstains_where_another_class_than_its_answer_is_the_possible_one(client, router):
    champion = router.models.of("letters").champion
    said = champion.model.answer_rows

    def answer_rows(rows):
        found = said(rows)
        found.conformity = np.array([[0.2, 0.7]] * len(rows))
        return found

    object.__setattr__(champion.model, "abstention", Abstention(0.1, 0.5, 100))
    object.__setattr__(champion.model, "answer_rows", answer_rows)
    prediction = client.post("/upload-and-predict", **form("a letter")).json["prediction"]
    assert (prediction["value"], prediction["candidates"], prediction["abstained"]) == ("bill", ["letter"], True)


def test_several_have_each_a_result_or_an_error(client, state):
    told = client.post("/upload-and-predict/batch", **form("one", "!unreadable", "two")).json["results"]
    assert [one["file_name"] for one in told] == ["0.png", "1.png", "2.png"]
    assert [one["error"] and one["error"]["status"] for one in told] == [None, 422, None]
    ids = [one["result"]["document"]["document_id"] for one in told if one["result"]]
    again = client.post("/predict/document/batch", json={"ids": [ids[0], "unknown", ids[1]]}).json["results"]
    assert [one["document_id"] for one in again] == [ids[0], "unknown", ids[1]]
    assert [one["error"] and one["error"]["status"] for one in again] == [None, 404, None]
    with state.read() as connection:
        linked = connection.execute(sa.select(sa.func.count()).select_from(document_predictions)).scalar_one()
    assert linked == len(logged(state)) == 4


def test_a_text_is_answered_and_several_are(client, state):
    answer = client.post("/predict/text", json={"text": "Dear Sir", "use_case": "letters", "unit_id": "u1"})
    assert (answer.json["value"], answer.json["confidence"], answer.json["unit_id"]) == ("bill", 1.0, "u1")
    assert client.post("/predict/text", json={"text": "Dear Sir"}).json["use_case"] == "letters"
    told = client.post("/predict/text/batch", json={"texts": ["a", "b"]}).json["results"]
    assert [one["result"]["value"] for one in told] == ["bill", "bill"]
    assert [row["features"] for row in logged(state)] == [{"text": one} for one in ("Dear Sir", "Dear Sir", "a", "b")]


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"text": ""}, 422, "text"),
        ({"text": "a", "use_case": "wine_quality"}, 400, "wine_quality has no text column: send its columns to"),
        ({"text": "a", "use_case": "beer"}, 404, "beer"),
        ({"texts": ["a"]}, 422, "text"),
    ],
)
def test_a_text_that_cannot_be_answered_is_told_why(client, body, status, word):
    answer = client.post("/predict/text", json=body)
    assert answer.status_code == status
    assert word in answer.json["detail"]


def test_a_batch_has_a_bound(client):
    assert client.post("/predict/text/batch", json={"texts": ["a"] * (TEXTS_MAX + 1)}).status_code == 422
    assert client.post("/predict/document/batch", json={"ids": []}).status_code == 422


def test_an_uploader_gives_feedback_about_its_own_and_sees_no_other(router, state, tmp_path):
    with state.write() as connection:
        made = [keys.create(connection, role, at=utc_now(), by="t")[1] for role in ("uploader", "uploader", "viewer")]
    access = open_access(read_settings({}, home=tmp_path, keys_required=True), state, router.clock)
    client = create_app(router, access).test_client()
    mine, other, viewer = ({"X-API-Key": key} for key in made)
    told = client.post("/upload-and-predict", **form("a"), headers=mine).json
    document_id, prediction_id = told["document"]["document_id"], told["prediction"]["prediction_id"]
    for address in (f"/prediction/history/{document_id}", f"/prediction/history/{prediction_id}"):
        statuses = [client.get(address, headers=one).status_code for one in (mine, other, viewer)]
        assert statuses == [200, 404, 403]
    assert client.post(f"/predict/document/{document_id}", json={}, headers=other).status_code == 404
    truth = {"prediction_id": prediction_id, "truth": "bill"}
    assert client.post("/feedback", json=truth, headers=other).status_code == 403
    assert client.post("/feedback", json=truth, headers=mine).status_code == 200
