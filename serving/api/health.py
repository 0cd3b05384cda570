"""Is the process alive, can it answer."""

from http import HTTPStatus
from typing import Any

from flask import Response, g, make_response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from serving.api.config import ConfigOut, describe
from serving.errors import RETRY_AFTER_S
from serving.router import Router


class Alive(BaseModel):
    """The process answers."""

    status: str


class Readiness(BaseModel):
    """`ready` when a use case has a champion; where keys are asked for, `use_cases` are told to who shows one."""

    status: str
    waiting: int
    use_cases: list[ConfigOut]


def routes(router: Router) -> APIBlueprint:
    """GET /livez and GET /readyz."""
    api = APIBlueprint("health", __name__, abp_tags=[Tag(name="health")])

    @api.get("/livez", summary="The process answers", responses={200: Alive})
    def livez() -> dict[str, Any]:
        return {"status": "alive"}

    @api.get("/readyz", summary="A model can answer", responses={200: Readiness, 503: Readiness})
    def readyz() -> Response:
        ready = bool(router.models.ready())
        body = {
            "status": "ready" if ready else "waiting for the first champion",
            "waiting": router.log.waiting(),
            "use_cases": [describe(router, name) for name in router.use_cases] if g.caller.role != "public" else [],
        }
        response = make_response(body, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)
        if not ready:
            response.headers["Retry-After"] = str(RETRY_AFTER_S)
        return response

    return api
