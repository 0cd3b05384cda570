"""Documents that were uploaded, what OCR read in them, and which predictions were made from them.

The bytes lie in the lake under their hash, and so does what was read, word by word; here stands what is looked up. The
same bytes of one caller are one document; two callers never learn that they sent the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert as InsertPostgresql
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import Insert as InsertSqlite
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from resources.state.database import UtcTime, metadata
from resources.state.predictions import predictions

NOBODY = ""  # the caller where no key is asked for: part of a key, and a key holds no NULL
FILE_NAME_CHARACTERS = 255

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("use_case", sa.String(64), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("file_name", sa.String(FILE_NAME_CHARACTERS), nullable=False, comment="as it was sent, to be shown only"),
    sa.Column("media_type", sa.String(64), nullable=False, comment="told by the first bytes"),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("uploaded_at", UtcTime, nullable=False),
    sa.Column("uploaded_by", sa.String(16), nullable=False, comment="id of the caller's key, '' where none is due"),
    sa.Index(None, "use_case", "sha256", "uploaded_by", unique=True),
    sa.Index(None, "use_case", "uploaded_at"),
)
ocr_results = sa.Table(
    "ocr_results",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("document_id", sa.String(64), nullable=False),
    sa.Column("language", sa.String(64), nullable=False),
    sa.Column("engines", sa.String(64), nullable=False, comment="those that read a page, joined by +"),
    sa.Column("pages", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("confidence", sa.Float, comment="mean over the letters, 0 to 1; NULL where nothing was read"),
    sa.Column("words", sa.String(512), comment="path in the lake of every word with its box; NULL after an error"),
    sa.Column("seconds", sa.Float, nullable=False, comment="wall clock, waiting included"),
    sa.Column("error", sa.String(32), comment="short code; NULL where it was read"),
    sa.Column("problem", sa.Text, comment="the sentence to it"),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index(None, "document_id", "id"),
    sqlite_autoincrement=True,
)
document_predictions = sa.Table(
    "document_predictions",
    metadata,
    sa.Column("prediction_id", sa.String(64), primary_key=True),
    sa.Column("document_id", sa.String(64), nullable=False),
    sa.Column("ocr_result_id", sa.BigInteger, nullable=False),
    sa.Index(None, "document_id", "prediction_id"),
)


@dataclass(frozen=True)
class StoredDocument:
    """One document of one caller."""

    id: str
    use_case: str
    sha256: str
    file_name: str
    media_type: str
    size_bytes: int
    uploaded_at: datetime
    uploaded_by: str


@dataclass(frozen=True)
class OcrResult:
    """What one reading of a document gave, or why it gave nothing."""

    document_id: str
    language: str
    engines: str
    pages: int
    text: str
    confidence: float | None
    words: str | None
    seconds: float
    error: str | None
    problem: str | None
    at: datetime
    id: int = 0


def add_document(connection: sa.Connection, document: StoredDocument) -> StoredDocument:
    """The document as it is kept: this one, or the one that the caller sent before with the same bytes.

    Two requests with the same bytes may come at one moment: the constraint decides which one is kept.
    """
    connection.execute(_insert(connection.dialect).values(**vars(document)))
    query = sa.select(documents).where(
        documents.c.use_case == document.use_case,
        documents.c.sha256 == document.sha256,
        documents.c.uploaded_by == document.uploaded_by,
    )
    return StoredDocument(**connection.execute(query).mappings().one())


def add_result(connection: sa.Connection, result: OcrResult) -> int:
    """The number of a reading just kept."""
    values = {name: value for name, value in vars(result).items() if name != "id"}
    return int(connection.execute(sa.insert(ocr_results).values(**values).returning(ocr_results.c.id)).scalar_one())


def link_predictions(
    connection: sa.Connection, document_id: str, ocr_result_id: int, prediction_ids: Iterable[str]
) -> None:
    """Note which predictions were made from a reading of a document."""
    rows = [
        {"prediction_id": one, "document_id": document_id, "ocr_result_id": ocr_result_id} for one in prediction_ids
    ]
    connection.execute(sa.insert(document_predictions), rows)


def find_document(connection: sa.Connection, document_id: str) -> StoredDocument | None:
    """The document of an id, None when there is none."""
    row = connection.execute(sa.select(documents).where(documents.c.id == document_id)).mappings().first()
    return None if row is None else StoredDocument(**row)


def results_of(connection: sa.Connection, document_id: str, limit: int = 20) -> list[OcrResult]:
    """Readings of a document, newest first."""
    query = sa.select(ocr_results).where(ocr_results.c.document_id == document_id)
    rows = connection.execute(query.order_by(ocr_results.c.id.desc()).limit(limit)).mappings()
    return [OcrResult(**row) for row in rows]


def last_reading(connection: sa.Connection, document_id: str, language: str | None = None) -> OcrResult | None:
    """The newest reading that succeeded, in a language when one is given; None when there is none."""
    query = sa.select(ocr_results).where(ocr_results.c.document_id == document_id, ocr_results.c.error.is_(None))
    if language is not None:
        query = query.where(ocr_results.c.language == language)
    row = connection.execute(query.order_by(ocr_results.c.id.desc()).limit(1)).mappings().first()
    return None if row is None else OcrResult(**row)


def predictions_of(connection: sa.Connection, document_id: str, limit: int = 100) -> list[str]:
    """Ids of the predictions made from a document, newest first; those of answers that were pruned are gone."""
    query = (
        sa.select(document_predictions.c.prediction_id)
        .join(predictions, predictions.c.prediction_id == document_predictions.c.prediction_id)
        .where(document_predictions.c.document_id == document_id)
        .order_by(document_predictions.c.prediction_id.desc())
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def document_of(connection: sa.Connection, prediction_id: str) -> str | None:
    """Id of the document that a prediction was made from, None when it was made from no document."""
    query = sa.select(document_predictions.c.document_id).where(document_predictions.c.prediction_id == prediction_id)
    return connection.execute(query).scalar()


def newest_documents(connection: sa.Connection, use_case: str, limit: int) -> list[StoredDocument]:
    """The documents of a use case that came last, newest first."""
    query = sa.select(documents).where(documents.c.use_case == use_case)
    rows = connection.execute(
        query.order_by(documents.c.uploaded_at.desc(), documents.c.id.desc()).limit(limit)
    ).mappings()
    return [StoredDocument(**row) for row in rows]


def _insert(dialect: sa.Dialect) -> InsertSqlite | InsertPostgresql:
    if dialect.name == "postgresql":
        return insert_postgresql(documents).on_conflict_do_nothing()
    return insert_sqlite(documents).on_conflict_do_nothing()
