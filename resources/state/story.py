"""What is known of one prediction: who answered what, and the truths that were told about it."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from resources.state.feedback import Event, State, events_of, fold, in_time
from resources.state.labelling import Known, Label, find_known
from resources.state.prediction import Value
from resources.state.predictions import predictions
from resources.state.truth import Truths


@dataclass(frozen=True)
class Told:
    """One truth that was told, and whether it came in time."""

    event: Event
    in_time: bool


@dataclass(frozen=True)
class Story:
    """A prediction, its state, what follows from the events (None before the first), and these, newest first."""

    known: Known
    answered: Value
    state: State
    expires_at: datetime | None
    label: Label | None
    told: list[Told]


def find_story(connection: sa.Connection, prediction_id: str, truths: Truths) -> Story | None:
    """The story of a prediction, None when it is not in the log."""
    known = find_known(connection, [prediction_id]).get(prediction_id)
    if known is None:
        return None
    query = sa.select(predictions.c.answered).where(predictions.c.prediction_id == prediction_id)
    deadline = truths.expires(known.use_case, known.at)
    events = events_of(connection, [prediction_id])[prediction_id]
    label = fold(events, deadline) if events else None
    told = [Told(event, in_time(event, deadline)) for event in reversed(events.values())]
    return Story(known, connection.execute(query).scalar_one(), _state(label), deadline, label, told)


def _state(label: Label | None) -> State:
    if label is None:
        return "pending"
    if label.expired:
        return "expired"
    return "corrected" if label.corrections else "labelled"
