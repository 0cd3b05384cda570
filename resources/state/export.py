"""The prediction log read out: every answer with its truth, in blocks, so that memory and transactions stay small."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resources.state.database import State
from resources.state.documents import document_predictions
from resources.state.labels import labels
from resources.state.predictions import predictions

BLOCK_ROWS = 10_000


@dataclass(frozen=True)
class Wanted:
    """The answers of a use case made from `since` on and before `until`; None leaves that end open."""

    use_case: str
    since: datetime | None = None
    until: datetime | None = None

    @property
    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """What a row must fulfil."""
        found = [predictions.c.use_case == self.use_case]
        if self.since is not None:
            found.append(predictions.c.at >= self.since)
        if self.until is not None:
            found.append(predictions.c.at < self.until)
        return found


def export_blocks(state: State, wanted: Wanted, block: int = BLOCK_ROWS) -> Iterator[list[dict[str, Any]]]:
    """Answers with their truth if one counts, oldest first; each block has a transaction of its own, found by its key.

    One transaction over all of them would keep SQLite's write-ahead log growing while it lasts.
    """
    truth = sa.case((labels.c.expired.is_(False), labels.c.truth)).label("truth")
    query = (
        sa.select(predictions, truth, document_predictions.c.document_id)
        .join(labels, labels.c.prediction_id == predictions.c.prediction_id, isouter=True)
        .join(document_predictions, document_predictions.c.prediction_id == predictions.c.prediction_id, isouter=True)
        .where(*wanted.conditions)
        .order_by(predictions.c.id)
        .limit(block)
    )
    after = 0
    while True:
        with state.read() as connection:
            rows = connection.execute(query.where(predictions.c.id > after)).mappings().all()
        if not rows:
            return
        yield [dict(row) for row in rows]
        after = int(rows[-1]["id"])
