"""Predictions about documents and texts: rows like any other, answered, logged and routed as those are."""

import sqlalchemy as sa

from mlops_assets.decode.document import request_row
from mlops_assets.ocr.document import Document
from mlops_assets.spec import UseCase
from resources.document_store import read_words
from resources.lake import LakeError
from resources.state.documents import (
    OcrResult,
    StoredDocument,
    last_reading,
    link_predictions,
    results_of,
)
from serving.answering import give_answers
from serving.asked import Given
from serving.callers import Caller
from serving.errors import BadRequestError, NotReadyError, RefusedInputError
from serving.router import Router


def predict_document(
    router: Router, document: StoredDocument, language: str | None, caller: Caller
) -> tuple[Given, OcrResult]:
    """The answer to a document, from its newest reading; when it is returned, it is in the document's history.

    Raises
    ------
    RefusedInputError
        If the document was never read, in this language when one is given.
    NotReadyError
        If there is no champion, or what was read cannot be fetched or written.
    """
    result = _reading(router, document, language)
    use_case = router.use_case(document.use_case)
    try:
        read = Document.from_dict(read_words(router.documents.lake, result.words or ""))
    except LakeError as error:
        sentence = f"what was read in document {document.id} is gone or damaged; upload it again to have it read"
        raise NotReadyError(sentence) from error
    row = request_row(read, document.sha256, use_case)
    unit = None if use_case.unit in row else document.sha256  # the same document meets the same arm
    (given,) = give_answers(router, use_case, [row], unit, caller.id)
    try:
        with router.state.write() as connection:
            link_predictions(connection, document.id, result.id, [given.record.prediction_id])
    except sa.exc.OperationalError as error:
        raise NotReadyError("the document's history cannot be written at the moment; try again") from error
    return given, result


def predict_text(router: Router, use_case: UseCase, text: str, unit_id: str | None, caller: Caller) -> Given:
    """The answer to a text, in the use case's only text column; its other columns are missing.

    Raises
    ------
    BadRequestError
        If the use case has no text column, or several.
    """
    columns = text_columns(use_case)
    if len(columns) != 1:
        wanted = f"has the text columns {', '.join(columns)}" if columns else "has no text column"
        raise BadRequestError(f"{use_case.name} {wanted}: send its columns to POST /predict")
    return give_answers(router, use_case, [{columns[0]: text}], unit_id, caller.id)[0]


def text_use_case(router: Router, name: str | None) -> UseCase:
    """The use case of a name; without a name the only served one that takes a text.

    Raises
    ------
    UnknownNameError, BadRequestError, NotReadyError
        As `Router.use_case`; if several take a text and none was named.
    """
    if name is None:
        found = [one for one in router.models.ready() if len(text_columns(router.use_cases[one])) == 1]
        if len(found) > 1:
            raise BadRequestError(f"several use cases take a text, name one with use_case: {', '.join(sorted(found))}")
        name = found[0] if found else None
    return router.use_case(name)


def text_columns(use_case: UseCase) -> list[str]:
    """Columns of a request that hold a text."""
    return [name for name in use_case.request_columns if use_case.columns[name].kind == "text"]


def _reading(router: Router, document: StoredDocument, language: str | None) -> OcrResult:
    with router.state.read() as connection:
        result = last_reading(connection, document.id, language)
        tried = results_of(connection, document.id, limit=1) if result is None else []
    if result is None:
        why = f": {tried[0].problem}" if tried and tried[0].problem else ""
        where = f" in {language!r}" if language else ""
        raise RefusedInputError(f"document {document.id} was not read{where}{why}; upload it again to have it read")
    return result
