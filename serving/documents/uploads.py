"""Uploads: a file is hashed into the lake, noted, read once for each language, and what was read is kept."""

from typing import BinaryIO, NamedTuple

from mlops_assets.ocr.document import Document
from mlops_assets.ocr.errors import DocumentError
from mlops_assets.ocr.kinds import check_kind
from mlops_assets.spec import UseCase
from mlops_assets.spec.documents import Reading
from resources.document_store import has_words, keep_bytes, keep_words
from resources.lake import LakeError, TooManyBytesError
from resources.landing.names import shown
from resources.state.documents import (
    FILE_NAME_CHARACTERS,
    NOBODY,
    OcrResult,
    StoredDocument,
    add_document,
    add_result,
    find_document,
    last_reading,
)
from resources.state.prediction_id import new_prediction_id
from serving import metrics
from serving.callers import Caller
from serving.documents import counts
from serving.errors import (
    BusyError,
    NotReadyError,
    ProblemError,
    RefusedInputError,
    TooLargeError,
    TooSlowError,
    UnknownNameError,
    UnsupportedTypeError,
)
from serving.router import Router

HEAD_BYTES = 16  # enough to tell the kind
MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "TIFF": "image/tiff", "PDF": "application/pdf"}
OF_THIS_MACHINE = frozenset({"busy", "no_engine", "engine_failed"})  # says nothing about the document
STATUSES: dict[str, type[ProblemError]] = {
    "too_many_bytes": TooLargeError,
    "unsupported_type": UnsupportedTypeError,
    "time_out": TooSlowError,
} | dict.fromkeys(OF_THIS_MACHINE, NotReadyError)


class File(NamedTuple):
    """A file as it was sent: its name, and its bytes on the disk."""

    name: str
    stream: BinaryIO


class Uploaded(NamedTuple):
    """A document and what was read in it; `known` where its caller sent these bytes before."""

    document: StoredDocument
    result: OcrResult
    known: bool


def take(
    router: Router, use_case: UseCase, reading: Reading, file: File, language: str | None, caller: Caller
) -> Uploaded:
    """A file as a document that was read; nothing is read again that was read in this language before.

    Raises
    ------
    UnsupportedTypeError, TooLargeError
        If the file is of another kind or too large; nothing is kept.
    RefusedInputError, TooSlowError
        If it cannot be read; the document is kept with the reason.
    NotReadyError
        If too many documents wait, or this machine cannot read or keep any; sent again the file is read.
    """
    document = None
    try:
        document, known = _keep(router, use_case, reading, file, caller)
        counts.taken(use_case.name, known)
        result = _known_or_read(router, document, file, language or reading.language)
    except DocumentError as error:
        metrics.refused(use_case.name, f"document:{error.code}")
        raise _told(error, document) from error
    except BusyError:
        metrics.refused(use_case.name, "document:busy")
        raise
    return Uploaded(document, result, known)


def own_document(router: Router, document_id: str, caller: Caller) -> StoredDocument:
    """The document of an id, if the caller may see it.

    Raises
    ------
    UnknownNameError
        If there is none, or it is another caller's, which is told the same.
    """
    with router.state.read() as connection:
        document = find_document(connection, document_id)
    if document is None or (caller.role != "admin" and document.uploaded_by != (caller.id or NOBODY)):
        raise UnknownNameError(f"no document of yours has the id {document_id!r}")
    return document


def _told(error: DocumentError, document: StoredDocument | None) -> ProblemError:
    """A document's error as its caller meets it, with the document's id where it was kept."""
    kind = STATUSES.get(error.code, RefusedInputError)
    kept = {} if document is None else {"document_id": document.id}
    return kind(error.sentence, [{"field": "file", "problem": error.sentence, "code": error.code} | kept])


def _keep(
    router: Router, use_case: UseCase, reading: Reading, file: File, caller: Caller
) -> tuple[StoredDocument, bool]:
    """The document of a file, and whether it was there; its bytes are in the lake before its row is."""
    try:
        kind = check_kind(file.stream.read(HEAD_BYTES), reading)
        file.stream.seek(0)
        staged = keep_bytes(router.documents.lake, use_case.name, file.stream, reading.bytes_max)
    except TooManyBytesError as error:
        sentence = f"the file has {error}; send it smaller, or raise format.bytes_max of {use_case.name}"
        raise DocumentError("too_many_bytes", sentence) from error
    except LakeError as error:
        raise NotReadyError(f"the file cannot be kept: {error}") from error
    document = StoredDocument(
        id=new_prediction_id(),
        use_case=use_case.name,
        sha256=staged.sha256,
        file_name=shown_name(file.name),
        media_type=MEDIA_TYPES[kind],
        size_bytes=staged.size_bytes,
        uploaded_at=router.clock(),
        uploaded_by=caller.id or NOBODY,
    )
    with router.state.write() as connection:
        found = add_document(connection, document)
    return found, found.id != document.id


def _known_or_read(router: Router, document: StoredDocument, file: File, language: str) -> OcrResult:
    """What was read before, else what OCR finds; one who sent the same bytes a moment ago may have had them read."""
    known = _known(router, document, language)
    if known is not None:
        return known
    with router.documents.queues[document.use_case].turn():
        return _known(router, document, language) or _read(router, document, file, language)


def _known(router: Router, document: StoredDocument, language: str) -> OcrResult | None:
    """The newest reading whose words are still there; without them nothing can be predicted."""
    with router.state.read() as connection:
        result = last_reading(connection, document.id, language)
    if result is None or not has_words(router.documents.lake, result.words or ""):
        return None
    return result


def _read(router: Router, document: StoredDocument, file: File, language: str) -> OcrResult:
    """What OCR finds, kept; why it finds nothing, likewise, where that is the document's fault."""
    try:
        read, seconds = router.documents.queues[document.use_case].read(_whole(file), language)
    except DocumentError as error:
        if error.code not in OF_THIS_MACHINE:
            _keep_result(router, _failed(document, language, error, router))
        raise
    try:
        path = keep_words(router.documents.lake, document.use_case, document.sha256, language, read.to_dict())
    except LakeError as error:
        raise NotReadyError(f"what was read cannot be kept: {error}") from error
    result = _keep_result(router, _result(router, document, language, read, path, seconds))
    counts.read(document.use_case, result)
    return result


def _result(
    router: Router, document: StoredDocument, language: str, read: Document, path: str, seconds: float
) -> OcrResult:
    text = read.text.encode("utf-8", "replace").decode().replace("\x00", "")
    engines = dict.fromkeys(name for page in read.pages for name in page.engine.split("+"))
    return OcrResult(
        document_id=document.id,
        language=language,
        engines="+".join(engines),
        pages=len(read.pages),
        text=text,
        confidence=read.confidence if text.strip() else None,
        words=path,
        seconds=seconds,
        error=None,
        problem=None,
        at=router.clock(),
    )


def _failed(document: StoredDocument, language: str, error: DocumentError, router: Router) -> OcrResult:
    return OcrResult(document.id, language, "", 0, "", None, None, 0.0, error.code, error.sentence, router.clock())


def _keep_result(router: Router, result: OcrResult) -> OcrResult:
    with router.state.write() as connection:
        number = add_result(connection, result)
    return OcrResult(**(vars(result) | {"id": number}))


def _whole(file: File) -> bytes:
    file.stream.seek(0)
    return file.stream.read()


def shown_name(sent: str) -> str:
    r"""The last part of a file's name, with what could deceive a reader written as escapes; to be shown only.

    Examples
    --------
    >>> shown_name("..\\..\\etc/pass\nwd.png")
    'pass\\nwd.png'
    """
    last = sent.replace("\\", "/").rpartition("/")[2]
    return shown(last)[:FILE_NAME_CHARACTERS] or "unnamed"
