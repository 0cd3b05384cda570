"""Truths in bulk: CSV or NDJSON, stored a block of lines at a time, each block in its own transaction."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from flask import request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from serving.api.feedback import ID, Event
from serving.bulk import Line, csv_lines, ndjson_lines, read_lines
from serving.errors import AWAY, NotReadyError, Problem, ProblemError
from serving.intake import take
from serving.router import Router

BODY_BYTES_MAX = 2**30
LINES_PER_BLOCK = 500  # while a block is stored, nobody else writes to SQLite: about 30 ms
REFUSALS_SHOWN = 20
DUE, WANTED = ("prediction_id", "truth"), ("event_time", "source")
EXAMPLES = {
    "text/csv": f"prediction_id,truth,event_time\n{ID},6,2026-03-01T20:00:00Z\n",
    "application/x-ndjson": f'{{"prediction_id": "{ID}", "truth": 6}}\n',
}
BODY = {
    "required": True,
    "content": {kind: {"schema": {"type": "string"}, "example": text} for kind, text in EXAMPLES.items()},
}


class Refusal(BaseModel):
    """A line that was not taken."""

    line: int = Field(ge=1)
    reason: str


class BulkOut(BaseModel):
    """How many lines came to what, and why the first of the refused ones were."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"stored": 998, "duplicate": 2}]})

    stored: int = 0
    corrected: int = 0
    duplicate: int = 0
    expired: int = 0
    parked: int = 0
    refused: int = 0
    refusals: list[Refusal] = Field([], max_length=REFUSALS_SHOWN)


def routes(router: Router) -> APIBlueprint:
    """POST /feedback/bulk."""
    api = APIBlueprint("feedback_bulk", __name__, abp_tags=[Tag(name="feedback")], abp_responses={503: Problem})

    @api.post(
        "/feedback/bulk",
        summary="Tell the truth about many predictions",
        responses={200: BulkOut},
        openapi_extensions={"requestBody": BODY},
    )
    def give_bulk() -> dict[str, Any]:
        """CSV with the columns prediction_id, truth and, if wanted, event_time and source; or NDJSON, an event a line.

        A line that cannot be taken is refused alone. An upload that broke off is sent again as a whole: what was stored
        is a duplicate then.
        """
        request.max_content_length = BODY_BYTES_MAX
        read = read_lines(request.stream, request.content_length)
        lines = csv_lines(read, DUE, WANTED) if request.mimetype == "text/csv" else ndjson_lines(read)
        statuses, refusals = Counter[str](), list[Refusal]()
        while block := list(islice(lines, LINES_PER_BLOCK)):
            try:
                taken, refused = _take_block(router, block)
            except AWAY as error:
                done = f"what stands before line {block[0][0]} is stored"
                raise NotReadyError(f"feedback cannot be written at the moment; {done}, send it again") from error
            statuses += taken
            statuses["refused"] += len(refused)
            refusals += refused[: REFUSALS_SHOWN - len(refusals)]
        return BulkOut(**statuses, refusals=refusals).model_dump()

    return api


def _take_block(router: Router, block: list[Line]) -> tuple[Counter[str], list[Refusal]]:
    """What became of the lines of a block, in one transaction."""
    reasons = dict[int, str]()
    events = dict(_events(block, reasons))
    numbers, now = list(events), router.clock()

    def refuse(place: int, error: ProblemError) -> None:
        reasons[numbers[place]] = error.detail

    statuses = take(router.state, router.truths, [event.received(now) for event in events.values()], refuse)
    refusals = [Refusal(line=number, reason=reason) for number, reason in sorted(reasons.items())]
    return Counter(status for status in statuses if status is not None), refusals


def _events(block: list[Line], reasons: dict[int, str]) -> Iterator[tuple[int, Event]]:
    """Events by their line; why the others are none goes into `reasons`."""
    for number, values in block:
        try:
            if isinstance(values, ValueError):
                raise values
            yield number, Event.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            reasons[number] = f"{'.'.join(str(part) for part in first['loc'][:1]) or 'line'}: {first['msg']}"
        except ValueError as error:
            reasons[number] = str(error)
