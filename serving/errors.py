"""Errors that reach a caller, each with its HTTP status, written as problem+json (RFC 9457).

ProblemError
├── BadRequestError          400  the request as a whole makes no sense, or its Host header names another machine
│   └── AmbiguousBodyError   400  two readers could see its body end at two places; the connection is closed
├── UnauthorizedError        401  the route needs a key, and none or a wrong one came
├── ForbiddenError           403  the route is not open to this caller, or another site asks
├── UnknownNameError         404  no use case, or no prediction, is called so
├── ConflictingChangeError   409  another writer was first
├── TooLargeError            413  a file is larger than its use case takes
├── UnsupportedTypeError     415  the body is of a type that this route does not read
├── RefusedInputError        422  a field cannot be used; `field` names it
├── TooManyRequestsError     429  too often, or too many wrong keys; Retry-After says when again
├── ModelFailedError         500  the champion could not answer
├── NotReadyError            503  no model yet, or the database does not answer; Retry-After is set
│   └── BusyError            503  too many documents wait; Retry-After says when there may be room
└── TooSlowError             504  a document took longer to read than its use case allows
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
import sqlalchemy as sa
from flask import Flask, Response, g, request
from pydantic import BaseModel, Field, ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

RETRY_AFTER_S = 2
PROBLEMS_SHOWN = 10
NO_OBJECT = frozenset({"model_type", "model_attributes_type"})  # of pydantic
# What a database that is locked, full, restarting or out of connections raises, not one that refuses a statement.
AWAY = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
log = logging.getLogger(__name__)


class Problem(BaseModel):
    """An error: what happened, where, and how to mend it."""

    type: str = Field("about:blank", description="address of a page about this kind of error")
    title: str
    status: int
    detail: str
    instance: str = Field(description="id of the request, as in the header X-Request-ID")
    errors: list[dict[str, Any]] = Field([], description="one entry for each field that was refused")


class ProblemError(Exception):
    """An error with an HTTP status and a sentence."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    retry_after_s: int | None = None
    hangs_up = False  # what follows on the connection is not to be trusted

    def __init__(self, detail: str, errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors or []


class BadRequestError(ProblemError):
    """The request as a whole makes no sense."""

    status = HTTPStatus.BAD_REQUEST


class AmbiguousBodyError(BadRequestError):
    """Two readers could see the body of this request end at two places."""

    hangs_up = True


class UnauthorizedError(ProblemError):
    """The route needs a key, and none or a wrong one came."""

    status = HTTPStatus.UNAUTHORIZED


class ForbiddenError(ProblemError):
    """The route is not open to this caller."""

    status = HTTPStatus.FORBIDDEN


class UnknownNameError(ProblemError):
    """No use case, or no prediction, is called so."""

    status = HTTPStatus.NOT_FOUND


class ConflictingChangeError(ProblemError):
    """Another writer was first."""

    status = HTTPStatus.CONFLICT


class TooLargeError(ProblemError):
    """A file is larger than its use case takes."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedTypeError(ProblemError):
    """The body is of a type that this route does not read."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class TooManyRequestsError(ProblemError):
    """Too often, or too many wrong keys."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, detail: str, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class RefusedInputError(ProblemError):
    """A field cannot be used."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class ModelFailedError(ProblemError):
    """The champion could not answer."""


class NotReadyError(ProblemError):
    """What is needed is not there yet, or not now."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after_s = RETRY_AFTER_S


class BusyError(NotReadyError):
    """Too many documents wait already."""

    def __init__(self, detail: str, retry_after_s: int = RETRY_AFTER_S) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class TooSlowError(ProblemError):
    """A document took longer to read than its use case allows."""

    status = HTTPStatus.GATEWAY_TIMEOUT


def handle_errors(app: Flask) -> None:
    """Answer every error of the application with problem+json."""
    app.register_error_handler(ProblemError, _from_problem)
    app.register_error_handler(HTTPException, _from_http)
    for away in AWAY:
        app.register_error_handler(away, _from_away)
    app.register_error_handler(Exception, _from_surprise)


def from_validation(error: ValidationError) -> Response:
    """Answer to a body that does not fit its model, one entry per field."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    errors = [{"field": ".".join(str(part) for part in one["loc"]), "problem": _problem_of(one)} for one in found]
    first = f"{errors[0]['field'] or 'body'}: {errors[0]['problem']}"
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, first + more, errors[:PROBLEMS_SHOWN])


def _problem_of(error: Mapping[str, Any]) -> str:
    """What pydantic says, but where it would name a class of ours or of Python."""
    return "a JSON object is due" if error["type"] in NO_OBJECT else str(error["msg"]).removeprefix("Value error, ")


def problem(status: int, detail: str, errors: list[dict[str, Any]] | None = None) -> Response:
    """A problem+json response."""
    title, instance = HTTPStatus(status).phrase, g.get("request_id", "")
    body = Problem(title=title, status=int(status), detail=detail, instance=instance, errors=errors or [])
    return Response(orjson.dumps(body.model_dump()), status=int(status), mimetype="application/problem+json")


def _from_problem(error: ProblemError) -> Response:
    response = problem(error.status, error.detail, error.errors)
    if error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    if error.hangs_up:
        response.headers["Connection"] = "close"
    return response


def _from_http(error: HTTPException) -> Any:
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error  # a redirect, or an answer that is complete already
    response = problem(error.code, _said_of(error))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _said_of(error: HTTPException) -> str:
    """Werkzeug's words, but where they are a browser's rather than a caller's."""
    if isinstance(error, NotFound):
        return f"there is no route {request.path}; /docs lists all of them"
    if isinstance(error, MethodNotAllowed):
        methods = sorted(set(error.valid_methods or ()) - {"OPTIONS", "HEAD"})
        return f"{request.path} does not take {request.method}, but {' and '.join(methods)}; see /docs"
    return error.description or error.name


def _from_away(error: Exception) -> Response:
    log.warning("the state database does not answer: %s", error)
    return _from_problem(NotReadyError("the state database does not answer at the moment; try again"))


def _from_surprise(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the router failed; its log says why")
