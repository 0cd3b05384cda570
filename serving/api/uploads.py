"""Documents: uploaded, read by OCR, and looked at again."""

from datetime import datetime
from typing import Any

from flask import g
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from resources.state.documents import OcrResult, StoredDocument, results_of
from serving.api.feedback import ID, Id
from serving.documents import several
from serving.documents.forms import FILES_MAX, Fields, body_of, limit_forms, read_form
from serving.documents.uploads import File, Uploaded, own_document, shown_name, take
from serving.errors import Problem
from serving.router import Router

PROBLEMS: dict[Any, Any] = {404: Problem, 503: Problem, 504: Problem}


class DocumentPath(BaseModel):
    """The document in the address."""

    id: Id = Field(json_schema_extra={"example": ID})


class ReadingOut(BaseModel):
    """What OCR found in one language; `error` and `problem` say why it found nothing."""

    language: str
    engines: str = Field(description="those that read a page, joined by +")
    pages: int
    text: str = Field(description="lines by newline, pages by form feed")
    confidence: float | None = Field(description="mean over the letters, 0 to 1; null where nothing was read")
    seconds: float
    error: str | None = Field(description="short code")
    problem: str | None
    at: datetime


class DocumentOut(BaseModel):
    """A document; the same bytes sent again are the same document."""

    document_id: str
    use_case: str
    sha256: str
    file_name: str = Field(description="as it was sent, escaped; to be shown only")
    media_type: str
    size_bytes: int
    uploaded_at: datetime


class UploadedOut(DocumentOut):
    """A document that was just sent; `known`: you had sent these bytes before."""

    known: bool
    reading: ReadingOut


class DocumentStateOut(DocumentOut):
    """A document with its readings, newest first."""

    readings: list[ReadingOut]


class UploadResultOut(BaseModel):
    """What became of one file: one of `result` and `error` is null."""

    file_name: str
    result: UploadedOut | None
    error: several.RefusedOut | None


class UploadResultsOut(BaseModel):
    """One result for each file, in order."""

    results: list[UploadResultOut]


def routes(router: Router) -> APIBlueprint:
    """POST /upload, POST /upload/batch and GET /document/<id>."""
    api = APIBlueprint("uploads", __name__, abp_tags=[Tag(name="documents")], abp_responses=PROBLEMS)
    limit_forms(api, router.documents)

    @api.post(
        "/upload",
        summary="Keep a document and read it",
        responses={200: UploadedOut},
        openapi_extensions=body_of(several=False),
    )
    def upload() -> dict[str, Any]:
        """The bytes are kept under their hash; OCR runs in a child process. Sent again, nothing is read again."""
        sent = read_form()
        return shown_upload(uploaded(router, sent.files[0], sent.fields))

    @api.post(
        "/upload/batch",
        summary="Keep several documents and read them",
        responses={200: UploadResultsOut},
        openapi_extensions=body_of(several=True),
    )
    def upload_batch() -> dict[str, Any]:
        """Each file has a result or an error of its own."""
        sent = read_form(FILES_MAX)

        def act(file: File) -> dict[str, Any]:
            return shown_upload(uploaded(router, file, sent.fields))

        return several.results_of(sent.files, act, named)

    @api.get("/document/<id>", summary="A document and what was read in it", responses={200: DocumentStateOut})
    def show_document(path: DocumentPath) -> dict[str, Any]:
        document = own_document(router, path.id, g.caller)
        with router.state.read() as connection:
            readings = results_of(connection, document.id)
        return shown_document(document) | {"readings": [_shown_reading(one) for one in readings]}

    return api


def uploaded(router: Router, file: File, fields: Fields) -> Uploaded:
    """A file of this request as a document that was read."""
    use_case, reading = router.documents.use_case(fields.use_case)
    return take(router, use_case, reading, file, fields.ocr_language, g.caller)


def named(file: File) -> dict[str, Any]:
    """How a file is called in the results."""
    return {"file_name": shown_name(file.name)}


def shown_upload(one: Uploaded) -> dict[str, Any]:
    """An upload as its caller sees it."""
    return shown_document(one.document) | {"known": one.known, "reading": _shown_reading(one.result)}


def shown_document(document: StoredDocument) -> dict[str, Any]:
    """A document as its caller sees it."""
    shown = {"document_id": document.id} | vars(document)
    return {name: shown[name] for name in DocumentOut.model_fields}


def _shown_reading(result: OcrResult) -> dict[str, Any]:
    return {name: getattr(result, name) for name in ReadingOut.model_fields}
