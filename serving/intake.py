"""Truths taken in: checked, then recorded or parked, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import g

from resources.state.database import State
from resources.state.feedback import Event, Recorded, Status, record_many
from resources.state.labelling import Known, find_known
from resources.state.parking import park
from resources.state.truth import Truths
from serving import metrics
from serving.errors import ForbiddenError, ProblemError, RefusedInputError

# A time ahead of ours would win over every later truth; clocks that are kept by a time server differ by less.
AHEAD_MAX = timedelta(minutes=5)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)  # before it the unit is a mistake

Refuse = Callable[[int, ProblemError], None]


def take(state: State, truths: Truths, events: Sequence[Event], refuse: Refuse) -> list[Status | None]:
    """What became of each event, None of those that were refused.

    Parameters
    ----------
    events : truths as they were sent
    refuse : callable
        Is told the position of an event that cannot be taken, and why; raising the error takes none of them.
    """
    key = _own_key()
    with state.write() as connection:
        known = find_known(connection, (event.prediction_id for event in events))
        checked = [_check(events, place, known, truths, key, refuse) for place in range(len(events))]
        good = [event for event in checked if event is not None]
        park(connection, [event for event in good if event.prediction_id not in known], key)
        recorded = record_many(connection, [event for event in good if event.prediction_id in known], known, truths)
    count_labels(recorded)
    statuses = iter(recorded.statuses)
    return [
        None if event is None else next(statuses) if event.prediction_id in known else "parked" for event in checked
    ]


def count_labels(recorded: Recorded) -> None:
    """Tell the metrics which predictions are labelled now."""
    for known, lag_s in recorded.labelled:
        metrics.labelled(known.use_case, known.arm, known.version, lag_s)


def _own_key() -> str | None:
    """Id of a key that may only speak of predictions it asked for; None: of any."""
    return g.caller.id if g.caller.role in ("predictor", "uploader") else None


def _check(
    events: Sequence[Event], place: int, known: dict[str, Known], truths: Truths, key: str | None, refuse: Refuse
) -> Event | None:
    """The event with its truth in the type of the model; None when it was refused."""
    event = events[place]
    try:
        return _judged(event, known.get(event.prediction_id), truths, key)
    except ProblemError as error:
        refuse(place, error)
        return None


def _judged(event: Event, of: Known | None, truths: Truths, key: str | None) -> Event:
    time = event.event_time
    if time is not None and not EARLIEST <= time <= event.received_at + AHEAD_MAX:
        raise RefusedInputError(
            f"prediction {event.prediction_id}: event_time {time.isoformat()} is before 1970 or more than "
            f"{AHEAD_MAX.seconds // 60} minutes ahead of this machine's clock, {event.received_at.isoformat()}"
        )
    if of is None:
        return event
    if not of.is_open_to(key):
        raise ForbiddenError(f"prediction {event.prediction_id} was made with another key, which may tell its truth")
    try:
        return replace(event, truth=truths.label(of.use_case, event.truth))
    except ValueError as error:
        raise RefusedInputError(f"prediction {event.prediction_id}: {error}") from error
