"""How long the truth took to come."""

import sqlalchemy as sa

from resources.state.labels import labels
from resources.state.predictions import predictions

NEWEST = 1_000


def newest_lags(
    connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int
) -> list[float]:
    """Seconds from answer to label of the newest labels of a pair of versions, in the order of their size."""
    query = (
        sa.select(predictions.c.at, labels.c.received_at)
        .join_from(labels, predictions, labels.c.prediction_id == predictions.c.prediction_id)
        .where(
            labels.c.use_case == use_case,
            labels.c.champion_version == champion_version,
            labels.c.challenger_version == challenger_version,
        )
        .order_by(labels.c.id.desc())
        .limit(NEWEST)
    )
    return sorted((received - at).total_seconds() for at, received in connection.execute(query))
