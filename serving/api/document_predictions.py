"""Predictions about documents: of one that was uploaded, of one that comes along, and what was predicted before."""

from typing import Any

from flask import g
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from resources.state.documents import document_of, predictions_of
from resources.state.story import find_story
from serving.api.feedback import ID, Id, PredictionStateOut, shown_story
from serving.api.predict_text import AskedBody, ScoredOut, scored
from serving.api.uploads import PROBLEMS, DocumentPath, UploadedOut, named, shown_upload, uploaded
from serving.documents import several
from serving.documents.answers import predict_document
from serving.documents.forms import FILES_MAX, Fields, Language, body_of, limit_forms, read_form
from serving.documents.uploads import File, own_document
from serving.router import Router

IDS_MAX = 100
HISTORY_MAX = 100


class DocumentBody(AskedBody):
    """How to answer; {} will do."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}, {"return_all_scores": True}]})

    ocr_language: Language | None = Field(None, description="which reading; None = the newest")


class DocumentsBody(DocumentBody):
    """Several documents that were uploaded."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"ids": [ID]}]})

    ids: list[Id] = Field(min_length=1, max_length=IDS_MAX)


class DocumentPredictionOut(ScoredOut):
    """One answer about a document; `unit_id` is what the arm was chosen by."""

    document_id: str
    ocr_language: str
    ocr_confidence: float | None


class DocumentResultOut(BaseModel):
    """What became of one document: one of `result` and `error` is null."""

    document_id: str
    result: DocumentPredictionOut | None
    error: several.RefusedOut | None


class DocumentResultsOut(BaseModel):
    """One result for each document, in order."""

    results: list[DocumentResultOut]


class UploadedAndPredictedOut(BaseModel):
    """A document that was just sent, and the answer about it."""

    document: UploadedOut
    prediction: DocumentPredictionOut


class UploadedAndPredictedResultOut(BaseModel):
    """What became of one file: one of `result` and `error` is null."""

    file_name: str
    result: UploadedAndPredictedOut | None
    error: several.RefusedOut | None


class UploadedAndPredictedResultsOut(BaseModel):
    """One result for each file, in order."""

    results: list[UploadedAndPredictedResultOut]


class HistoryOut(BaseModel):
    """Predictions made from a document, newest first, with what is known of the truth."""

    document_id: str
    predictions: list[PredictionStateOut]


def routes(router: Router) -> APIBlueprint:
    """The routes that predict for documents, and GET /prediction/history/<id>."""
    api = APIBlueprint("document_predictions", __name__, abp_tags=[Tag(name="documents")], abp_responses=PROBLEMS)
    limit_forms(api, router.documents)
    _predict_uploaded(api, router)
    _upload_and_predict(api, router)
    _tell_history(api, router)
    return api


def _predict_uploaded(api: APIBlueprint, router: Router) -> None:
    @api.post("/predict/document/<id>", summary="Predict for a document", responses={200: DocumentPredictionOut})
    def predict_one(path: DocumentPath, body: DocumentBody) -> dict[str, Any]:
        return _predicted(router, path.id, body.ocr_language, body.return_all_scores)

    @api.post("/predict/document/batch", summary="Predict for several documents", responses={200: DocumentResultsOut})
    def predict_several(body: DocumentsBody) -> dict[str, Any]:
        """Each document has a result or an error of its own."""

        def act(one: str) -> dict[str, Any]:
            return _predicted(router, one, body.ocr_language, body.return_all_scores)

        return several.results_of(body.ids, act, lambda one: {"document_id": one})


def _upload_and_predict(api: APIBlueprint, router: Router) -> None:
    @api.post(
        "/upload-and-predict",
        summary="Keep a document, read it, and predict",
        responses={200: UploadedAndPredictedOut},
        openapi_extensions=body_of(several=False, scores=True),
    )
    def upload_and_predict() -> dict[str, Any]:
        sent = read_form()
        return _uploaded_and_predicted(router, sent.files[0], sent.fields)

    @api.post(
        "/upload-and-predict/batch",
        summary="Keep several documents, read them, and predict",
        responses={200: UploadedAndPredictedResultsOut},
        openapi_extensions=body_of(several=True, scores=True),
    )
    def upload_and_predict_several() -> dict[str, Any]:
        """Each file has a result or an error of its own."""
        sent = read_form(FILES_MAX)
        return several.results_of(sent.files, lambda one: _uploaded_and_predicted(router, one, sent.fields), named)


def _tell_history(api: APIBlueprint, router: Router) -> None:
    @api.get("/prediction/history/<id>", summary="What was predicted for a document", responses={200: HistoryOut})
    def show_history(path: DocumentPath) -> dict[str, Any]:
        """`id` is that of a document, or of a prediction that was made from one."""
        with router.state.read() as connection:
            document = own_document(router, document_of(connection, path.id) or path.id, g.caller)
            ids = predictions_of(connection, document.id, HISTORY_MAX)
            stories = [find_story(connection, one, router.truths) for one in ids]
        return {
            "document_id": document.id,
            "predictions": [shown_story(story) for story in stories if story is not None],
        }


def _predicted(router: Router, document_id: str, language: str | None, all_scores: bool) -> dict[str, Any]:
    document = own_document(router, document_id, g.caller)
    given, result = predict_document(router, document, language, g.caller)
    read = {"document_id": document.id, "ocr_language": result.language, "ocr_confidence": result.confidence}
    return scored(given, all_scores) | read


def _uploaded_and_predicted(router: Router, file: File, fields: Fields) -> dict[str, Any]:
    one = uploaded(router, file, fields)
    predicted = _predicted(router, one.document.id, one.result.language, fields.return_all_scores)
    return {"document": shown_upload(one), "prediction": predicted}
