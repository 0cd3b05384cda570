"""The split between the arms: read it, change it."""

from typing import Any

from flask import request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from resources.state.conflict import ConflictError
from serving.errors import BadRequestError, ConflictingChangeError, Problem
from serving.models import Served
from serving.router import Router

BY = "http"


class ConfigBody(BaseModel):
    """A new split. `version`, or the header If-Match, guards against overwriting a change one has not seen."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"ab_split_b": 0.3}]}, strict=True)

    ab_split_b: float = Field(ge=0, le=1, description="share of units that the challenger answers")
    use_case: str | None = None
    version: int | None = Field(None, ge=1, description="version that was read; None = change whatever there is")


class ArmOut(BaseModel):
    """A version that is loaded, and how it computes."""

    version: int
    engine: str


class ConfigOut(BaseModel):
    """How one use case is served."""

    use_case: str
    ab_split_b: float
    version: int
    phase: int
    paired: bool
    champion: ArmOut | None
    challenger: ArmOut | None
    degraded: bool
    problems: dict[str, str] = Field(description="alias: why its version does not serve")


class ConfigsOut(BaseModel):
    """Every use case."""

    use_cases: list[ConfigOut]


def routes(router: Router) -> APIBlueprint:
    """GET and POST /config."""
    api = APIBlueprint("config", __name__, abp_tags=[Tag(name="config")])

    @api.get("/config", summary="Splits and versions", responses={200: ConfigsOut})
    def read_config() -> dict[str, Any]:
        return {"use_cases": [describe(router, name) for name in router.use_cases]}

    @api.post("/config", summary="Change a split", responses={200: ConfigOut, 404: Problem, 409: Problem})
    def change_config(body: ConfigBody) -> dict[str, Any]:
        use_case = router.use_case(body.use_case)
        try:
            router.splits.change(use_case.name, body.ab_split_b, expected=_expected(body), by=BY)
        except ConflictError as error:
            raise ConflictingChangeError(str(error)) from error
        return describe(router, use_case.name)

    return api


def describe(router: Router, name: str) -> dict[str, Any]:
    """How one use case is served."""
    arms, routing = router.models.of(name), router.splits.of(name)
    return {
        "use_case": name,
        "ab_split_b": routing.split_b,
        "version": routing.version,
        "phase": routing.phase,
        "paired": router.use_cases[name].routing.paired,
        "champion": _arm(arms.champion),
        "challenger": _arm(arms.challenger),
        "degraded": arms.degraded,
        "problems": arms.problems,
    }


def _arm(served: Served | None) -> dict[str, Any] | None:
    return None if served is None else {"version": served.version, "engine": served.model.engine}


def _expected(body: ConfigBody) -> int | None:
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return body.version
    text = header.strip().strip('"')
    if not text.isascii() or not text.isdigit():
        raise BadRequestError(f"If-Match: the version of GET /config is due, got {header!r}")
    if body.version is not None and body.version != int(text):
        raise BadRequestError(f"If-Match says version {text}, the body says {body.version}; send one of them")
    return int(text)
