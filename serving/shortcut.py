"""Plain requests for predictions answered before Flask unpacks them; all others, and every error, are Flask's.

Flask with its request, its context and its response costs a request more than reading, scoring and logging a row do.
A request is plain when nothing about it needs judgement: its address, its type and its length are the expected ones, no
page of another site sends it, nobody counts its caller, and a key that is due is right. Whatever else it is, or goes
wrong with it, Flask gets the same bytes, or the error to tell, so that one place refuses.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import orjson
from pydantic import ValidationError

from serving.access import FAILED, Access
from serving.api.predict import NamedPredictBody, PredictBody, told
from serving.callers import LOCAL, MAY, Caller
from serving.router import Router

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

BODY_BYTES_MAX = 16 * 2**20
ANY, ONE_BEGINS, ONE_ENDS = "/predict", "/use-cases/", "/predictions"
ROLE = "predictor"  # of both routes
CONTENT_TYPE = ("Content-Type", "application/json")


@dataclass(frozen=True)
class Shortcut:
    """The WSGI application in front of Flask's own."""

    flask: Application
    router: Router
    access: Access

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """The body of the response."""
        model = self._model(environ["PATH_INFO"])
        caller = self._caller(environ) if model is not None else None
        body = _read(environ, model) if model is not None and caller is not None else None
        if body is None or caller is None:
            return self.flask(environ, start_response)
        try:
            use_case = self.router.use_case(_name(environ["PATH_INFO"]) or body.use_case)
            answer = orjson.dumps(told(self.router, use_case, body, caller.id))
        except Exception as error:  # noqa: BLE001 - told by Flask's handlers
            environ[FAILED] = error
            return self.flask(environ, start_response)
        start_response("200 OK", [CONTENT_TYPE, ("Content-Length", str(len(answer)))])
        return [answer]

    def _model(self, path: str) -> type[PredictBody] | None:
        """What the body must be; None where the address is none of the two."""
        if path == ANY:
            return NamedPredictBody
        return PredictBody if _name(path) in self.router.use_cases else None

    def _caller(self, environ: Environ) -> Caller | None:
        """Who asks, when the request is plain and this one may; None where Flask is to judge."""
        plain = (
            environ["REQUEST_METHOD"] == "POST"
            and environ.get("CONTENT_TYPE") == CONTENT_TYPE[1]
            and "HTTP_ORIGIN" not in environ
            and "HTTP_TRANSFER_ENCODING" not in environ
            and self.access.limits.per_caller is None
            and self.access.hosts.trusts(f"//{environ.get('HTTP_HOST', '')}")
        )
        return self._owner(environ.get("HTTP_X_API_KEY", "")) if plain else None

    def _owner(self, sent: str) -> Caller | None:
        if self.access.keys is None:
            return LOCAL
        key = self.access.keys.check(sent) if sent else None
        return Caller(key.id, key.role) if key is not None and ROLE in MAY[key.role] else None


def _name(path: str) -> str:
    """The use case that an address names, '' where it names none."""
    return path[len(ONE_BEGINS) : -len(ONE_ENDS)] if path.startswith(ONE_BEGINS) and path.endswith(ONE_ENDS) else ""


def _read(environ: Environ, model: type[PredictBody]) -> Any:
    """The body; None where it is not as it should be. What was read stays there for Flask."""
    length = environ.get("CONTENT_LENGTH", "")
    if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
        return None
    try:
        data = environ["wsgi.input"].read(int(length))
    except OSError:  # the caller went away; Flask finds too few bytes, and says so
        data = b""
    environ["wsgi.input"] = BytesIO(data)
    try:
        return model.model_validate(orjson.loads(data)) if len(data) == int(length) else None
    except (orjson.JSONDecodeError, ValidationError):
        return None
