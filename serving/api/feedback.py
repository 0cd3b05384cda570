"""The truth about predictions, one event or many."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from resources.state import feedback
from resources.state.predictions import use_cases_of
from serving.errors import NotReadyError, Problem, RefusedInputError
from serving.router import Router

EVENTS_MAX = 1000
TEXT = r"^[^\x00-\x1f]*$"
EXAMPLE: dict[str, Any] = {"prediction_id": "0b9f4e1c-7d0e-4a58-9a0e-0c1f2b8f3f11", "truth": 6}


class Event(BaseModel):
    """By `source`, at `event_time`, the truth was `truth`; the latest event of a source wins."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    prediction_id: str = Field(min_length=1, max_length=64, pattern=TEXT)
    truth: int | float | str = Field(union_mode="left_to_right")
    event_time: AwareDatetime | None = Field(None, description="ISO 8601 with a time zone; None = now")
    source: str = Field("client", min_length=1, max_length=64, pattern=TEXT)


class FeedbackBody(BaseModel):
    """One event, or several in `events`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    prediction_id: str | None = Field(None, min_length=1, max_length=64, pattern=TEXT)
    truth: int | float | str | None = None
    event_time: AwareDatetime | None = None
    source: str = Field("client", min_length=1, max_length=64, pattern=TEXT)
    events: list[Event] | None = Field(None, min_length=1, max_length=EVENTS_MAX)

    @model_validator(mode="after")
    def _one_of_both(self) -> "FeedbackBody":
        alone = self.prediction_id is not None and self.truth is not None
        if alone == (self.events is not None):
            raise ValueError("send either prediction_id and truth, or events")
        return self


class Result(BaseModel):
    """What became of one event; 'parked' events wait for their prediction."""

    prediction_id: str
    status: str = Field(description="stored, corrected, duplicate or parked")


class FeedbackOut(BaseModel):
    """One result for each event, in order."""

    results: list[Result]


def routes(router: Router) -> APIBlueprint:
    """POST /feedback."""
    api = APIBlueprint("feedback", __name__, abp_tags=[Tag(name="feedback")])

    @api.post("/feedback", summary="Tell the truth about predictions", responses={200: FeedbackOut, 503: Problem})
    def give_feedback(body: FeedbackBody) -> dict[str, Any]:
        events = body.events or [
            Event(
                prediction_id=str(body.prediction_id),
                truth=body.truth if body.truth is not None else "",
                event_time=body.event_time,
                source=body.source,
            )
        ]
        try:
            statuses = _record(router, events)
        except sa.exc.IntegrityError:
            statuses = _record(router, events)  # another process stored the same event in this moment
        except sa.exc.OperationalError as error:
            raise NotReadyError("feedback cannot be written at the moment; try again") from error
        pairs = zip(events, statuses, strict=True)
        return {"results": [{"prediction_id": event.prediction_id, "status": status} for event, status in pairs]}

    return api


def _record(router: Router, events: list[Event]) -> list[feedback.Received]:
    """Store all events or none."""
    now = router.clock()
    with router.state.write() as connection:
        known = use_cases_of(connection, [event.prediction_id for event in events])
        return [_record_one(router, connection, event, known.get(event.prediction_id), now) for event in events]


def _record_one(
    router: Router, connection: sa.Connection, event: Event, use_case: str | None, now: datetime
) -> feedback.Received:
    time = event.event_time.astimezone(UTC) if event.event_time is not None else None
    if use_case is None:
        return feedback.park(connection, feedback.Event(event.prediction_id, event.truth, now, time, event.source))
    try:
        truth = router.normalise(use_case, event.truth)
    except ValueError as error:
        raise RefusedInputError(f"prediction {event.prediction_id}: {error}") from error
    return feedback.record(connection, feedback.Event(event.prediction_id, truth, now, time, event.source), use_case)
