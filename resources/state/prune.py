"""Old answers removed, with what was told about them, in transactions so small that nobody waits long."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from resources.state.blocks import delete_about
from resources.state.database import State
from resources.state.documents import document_predictions
from resources.state.feedback import feedback_events
from resources.state.labelling import stand_in_line
from resources.state.labels import labels
from resources.state.log_writer import Line
from resources.state.predictions import predictions

BLOCK_ROWS = 500
ABOUT = tuple(table.c.prediction_id for table in (labels, feedback_events, document_predictions, predictions))


@dataclass(frozen=True)
class Pruning:
    """What goes: the answers of a use case from before a moment, but for those of a running experiment.

    `running` are the versions of its champion and its challenger; None while no experiment runs.
    """

    use_case: str
    before: datetime
    running: tuple[int, int] | None


def count_old(connection: sa.Connection, pruning: Pruning) -> tuple[int, int]:
    """Answers from before the moment: those that go, and those that stay for the running experiment."""
    goes = sa.func.count(sa.case((~_is_running(pruning), 1)))
    query = sa.select(goes, sa.func.count()).where(
        predictions.c.use_case == pruning.use_case, predictions.c.at < pruning.before
    )
    gone, old = connection.execute(query).one()
    return gone, old - gone


def prune_block(state: State, pruning: Pruning, after: int = 0, rows: int = BLOCK_ROWS) -> tuple[int, int | None]:
    """Remove what goes among the next `rows` answers of the use case, in the line of those who log.

    Parameters
    ----------
    after : int
        Row id after which to look.

    Returns
    -------
    (int, int | None)
        How many went, and after which row to go on; None when no older row follows. Answers are logged in the order
        of their time but for seconds, so a block that holds no old one is the end.
    """
    line = Line(state)
    query = (
        sa.select(predictions.c.id, predictions.c.prediction_id, predictions.c.at, _is_running(pruning))
        .where(predictions.c.use_case == pruning.use_case, predictions.c.id > after)
        .order_by(predictions.c.id)
        .limit(rows)
    )
    try:
        with line, state.write() as connection:
            stand_in_line(connection)
            found = connection.execute(query).all()
            old = [row for row in found if row.at < pruning.before]
            going = [prediction_id for _, prediction_id, _, running in old if not running]
            for column in ABOUT:
                delete_about(connection, column, going)
    finally:
        line.close()
    return len(going), found[-1].id if old else None


def _is_running(pruning: Pruning) -> sa.ColumnElement[bool]:
    if pruning.running is None:
        return sa.false()
    champion, challenger = pruning.running
    return sa.func.coalesce(
        sa.and_(predictions.c.champion_version == champion, predictions.c.challenger_version == challenger), sa.false()
    )
