"""JSON bodies read for views on the hot path, in one pass over bytes.

flask-openapi3 takes a view's annotations for the document at /docs, and would read the request by them too, through
eight look-ups of Flask's proxies. Views marked with `reads_body` are read here by the same models instead, so that the
schema of the document stays the source of the validation.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from flask import Response, abort, request
from pydantic import ValidationError

from serving.errors import from_validation

BODY_BYTES_MAX = 16 * 2**20
FAILED = "mlops.failed"  # of the WSGI environment: the error of a request that was tried before Flask had it


def reads_body(view: Callable[..., Response]) -> Callable[..., Response]:
    """The view, called with `body`, and `path` where its address names one, as its annotations say."""
    models = view.__annotations__
    body_model, path_model = models["body"], models.get("path")

    @wraps(view)
    def read(**address: Any) -> Response:
        if FAILED in request.environ:
            raise request.environ[FAILED]
        try:
            path = {} if path_model is None else {"path": path_model.model_validate(address)}
            return view(body=body_model.model_validate(_json()), **path)
        except ValidationError as error:
            abort(from_validation(error))

    read.__delay_validate_request__ = True  # type: ignore[attr-defined]  # of flask-openapi3: leave the request alone
    return read


def answer_json(told: Any) -> Response:
    """A value as the body of a 200."""
    return Response(orjson.dumps(told), mimetype="application/json")


def _json() -> Any:
    """Value of the body; None where it is no JSON, which no model takes."""
    try:
        return orjson.loads(request.get_data(cache=False))
    except orjson.JSONDecodeError:
        return None
