"""The truth about predictions, one event or many; what is known of one prediction."""

from datetime import datetime
from typing import Annotated, Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from resources.state import feedback
from resources.state.story import Story, find_story
from serving.errors import Problem, ProblemError, UnknownNameError
from serving.intake import take
from serving.router import Router

EVENTS_MAX = 1000
TOLD_MAX = 20
TEXT_MAX = 256
ID = "0b9f4e1c-7d0e-4a58-9a0e-0c1f2b8f3f11"
EXAMPLE: dict[str, Any] = {"prediction_id": ID, "truth": 6}


def check_truth(value: Any) -> int | float | str:
    """A truth as it was sent: a text stays one, since the label "007" is not 7."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("a number or a text is due")
    if isinstance(value, str) and (len(value) > TEXT_MAX or any(char < " " for char in value)):
        raise ValueError(f"a text of at most {TEXT_MAX} characters on one line is due")
    return value


Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]
TRUTH = {"anyOf": [{"type": "number"}, {"type": "string", "maxLength": TEXT_MAX}]}
Truth = Annotated[int | float | str, PlainValidator(check_truth), WithJsonSchema(TRUTH)]


class Event(BaseModel):
    """By `source`, at `event_time`, the truth was `truth`; of all sources the latest event counts."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    prediction_id: Id
    truth: Truth
    event_time: AwareDatetime | None = Field(None, description="ISO 8601 with a time zone; None = its first arrival")
    source: Id = "client"

    def received(self, at: datetime) -> feedback.Event:
        """The event as it is kept."""
        return feedback.Event(self.prediction_id, self.truth, at, self.event_time, self.source)


class FeedbackBody(BaseModel):
    """One event, or several in `events`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    prediction_id: Id | None = None
    truth: Truth | None = None
    event_time: AwareDatetime | None = None
    source: Id = "client"
    events: list[Event] | None = Field(None, min_length=1, max_length=EVENTS_MAX)

    @model_validator(mode="after")
    def _one_of_both(self) -> "FeedbackBody":
        alone = self.prediction_id is not None and self.truth is not None
        if alone == (self.events is not None):
            raise ValueError("send either prediction_id and truth, or events")
        return self

    def listed(self) -> list[Event]:
        """The events, however they were sent."""
        return self.events or [Event.model_validate(self.model_dump(exclude={"events"}))]


class Result(BaseModel):
    """What became of one event."""

    prediction_id: str
    status: feedback.Status = Field(
        description="stored; corrected: stored, and it contradicts another; duplicate: known already; "
        "expired: stored, too late to count; parked: it waits for its prediction"
    )


class FeedbackOut(BaseModel):
    """One result for each event, in order."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"results": [{"prediction_id": ID, "status": "stored"}]}]}
    )

    results: list[Result]


class PredictionPath(BaseModel):
    """The prediction in the address."""

    prediction_id: Id = Field(json_schema_extra={"example": ID})


class ToldOut(BaseModel):
    """A truth that was told, `seen` times."""

    truth: int | float | str
    source: str
    event_time: datetime
    received_at: datetime
    seen: int
    in_time: bool


class PredictionStateOut(BaseModel):
    """Who answered what, and what is known of the truth."""

    prediction_id: str
    use_case: str
    state: feedback.State
    arm: str = Field(description="A: the champion answered, B: the challenger")
    version: int
    value: int | float | str
    at: datetime
    expires_at: datetime | None = Field(description="a truth from after this moment does not count; None = never")
    truth: int | float | str | None = Field(description="the truth that counts; of an expired one, the latest")
    corrections: int = Field(description="events that say another truth than this one")
    duplicates: int
    events: list[ToldOut] = Field(description=f"newest first, at most {TOLD_MAX}")


def routes(router: Router) -> APIBlueprint:
    """POST /feedback and GET /predictions/<prediction_id>."""
    api = APIBlueprint("feedback", __name__, abp_tags=[Tag(name="feedback")], abp_responses={503: Problem})

    @api.post("/feedback", summary="Tell the truth about predictions", responses={200: FeedbackOut, 403: Problem})
    def give_feedback(body: FeedbackBody) -> dict[str, Any]:
        """All events are stored or none. Sending them again changes nothing, so repeat what got no answer."""
        now, events = router.clock(), body.listed()
        statuses = take(router.state, router.truths, [event.received(now) for event in events], _refuse_all)
        pairs = zip(events, statuses, strict=True)
        return {"results": [{"prediction_id": event.prediction_id, "status": status} for event, status in pairs]}

    @api.get(
        "/predictions/<prediction_id>",
        summary="What is known of one prediction",
        responses={200: PredictionStateOut, 404: Problem},
    )
    def show_prediction(path: PredictionPath) -> dict[str, Any]:
        with router.state.read() as connection:
            story = find_story(connection, path.prediction_id, router.truths)
        if story is None:
            raise UnknownNameError(f"no prediction has the id {path.prediction_id!r}")
        return shown_story(story)

    return api


def _refuse_all(_: int, error: ProblemError) -> None:
    raise error


def shown_story(story: Story) -> dict[str, Any]:
    """What is known of a prediction, as its caller sees it."""
    known, label = story.known, story.label
    return {
        "prediction_id": known.prediction_id,
        "use_case": known.use_case,
        "state": story.state,
        "arm": known.arm,
        "version": known.version,
        "value": story.answered,
        "at": known.at,
        "expires_at": story.expires_at,
        "truth": label.truth if label else None,
        "corrections": label.corrections if label else 0,
        "duplicates": label.duplicates if label else 0,
        "events": [
            {
                "truth": told.event.truth,
                "source": told.event.source,
                "event_time": told.event.time,
                "received_at": told.event.received_at,
                "seen": told.event.seen,
                "in_time": told.in_time,
            }
            for told in story.told[:TOLD_MAX]
        ],
    }
