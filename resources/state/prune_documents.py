"""Old documents removed with what was read in them, once no prediction rests on them any more."""

from datetime import datetime

import sqlalchemy as sa

from resources.document_store import forget
from resources.lake import Lake
from resources.state.blocks import delete_about
from resources.state.database import State
from resources.state.documents import document_predictions, documents, ocr_results

BLOCK_ROWS = 100


def count_documents(connection: sa.Connection, use_case: str, before: datetime) -> int:
    """Documents that were uploaded before a moment."""
    old = (documents.c.use_case == use_case, documents.c.uploaded_at < before)
    return connection.execute(sa.select(sa.func.count()).select_from(documents).where(*old)).scalar_one()


def prune_documents(state: State, lake: Lake, use_case: str, before: datetime, rows: int = BLOCK_ROWS) -> int:
    """How many documents went: uploaded before a moment, without a prediction that is still kept.

    Rows go first, in small transactions; then the bytes, unless another caller's document has the same. Where this is
    killed in between, bytes stay that no row names.
    """
    gone = 0
    while block := _remove_rows(state, use_case, before, rows):
        gone += len(block)
        for sha256 in _orphans(state, use_case, block):
            forget(lake, use_case, sha256)
    return gone


def _remove_rows(state: State, use_case: str, before: datetime, rows: int) -> list[str]:
    """Hashes of a block of documents whose rows are gone now."""
    used = sa.exists().where(document_predictions.c.document_id == documents.c.id)
    query = sa.select(documents.c.id, documents.c.sha256).where(
        documents.c.use_case == use_case, documents.c.uploaded_at < before, ~used
    )
    with state.write() as connection:
        found = connection.execute(query.order_by(documents.c.uploaded_at).limit(rows)).all()
        for column in (ocr_results.c.document_id, documents.c.id):
            delete_about(connection, column, [row.id for row in found])
    return [row.sha256 for row in found]


def _orphans(state: State, use_case: str, hashes: list[str]) -> set[str]:
    query = sa.select(documents.c.sha256).where(documents.c.use_case == use_case, documents.c.sha256.in_(hashes))
    with state.read() as connection:
        return set(hashes) - set(connection.execute(query).scalars())
