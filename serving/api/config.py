"""The experiments: read them, change them."""

from collections.abc import Iterable
from typing import Any

from flask import Response, g, make_response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from mlops_assets.spec import RampStep
from resources.state.conflict import ConflictError
from resources.state.experiment import Kind, sentence
from resources.state.routing import Wanted
from serving.errors import BadRequestError, ConflictingChangeError, Problem, RefusedInputError
from serving.models import Served
from serving.router import Router

DIGITS_MAX = 9  # of a version; Python refuses to read thousands
EXAMPLES: list[Any] = [
    {"ab_split_b": 0.3},
    {"use_case": "wine_quality", "kind": "canary"},
    {"use_case": "wine_quality", "paused": True, "version": 3},
]


class ConfigBody(BaseModel):
    """What to change; what is not sent stays. `version`, or the header If-Match, guards a change one has not seen."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": EXAMPLES}, strict=True)

    use_case: str | None = None
    ab_split_b: float | None = Field(None, ge=0, le=1, description="share of units that B answers where kind is 'ab'")
    kind: Kind | None = Field(None, description="ab, shadow or canary; the ramp of a canary begins now")
    ramp: list[RampStep] | None = Field(None, min_length=1, max_length=100, description="the steps of a canary")
    paused: bool | None = Field(None, description="true: A answers everything, and the clock of a ramp stands")
    version: int | None = Field(None, ge=1, description="version that was read; None = change whatever there is")


class ConfigQuery(BaseModel):
    """Which use case."""

    use_case: str | None = Field(None, description="None = all of them")


class ArmOut(BaseModel):
    """A version that is loaded, and how it computes."""

    version: int
    engine: str


class ConfigOut(BaseModel):
    """How one use case is served."""

    use_case: str
    kind: Kind
    split_b: float = Field(description="share of units that B answers now")
    sentence: str = Field(description="what the experiment does now")
    ab_split_b: float
    ramp: list[RampStep]
    ramp_started_at: str | None
    paused: bool
    version: int
    phase: int = Field(description="raised whenever split_b changes; counts are comparable within one")
    changed_by: str
    changed_at: str
    paired: bool
    champion: ArmOut | None
    challenger: ArmOut | None
    degraded: bool
    problems: dict[str, str] = Field(description="alias: why its version does not serve")


class ConfigsOut(BaseModel):
    """The use cases."""

    use_cases: list[ConfigOut]


def routes(router: Router) -> APIBlueprint:
    """GET and POST /config."""
    api = APIBlueprint("config", __name__, abp_tags=[Tag(name="config")])

    @api.get("/config", summary="Experiments and versions", responses={200: ConfigsOut, 404: Problem})
    def read_config(query: ConfigQuery) -> Response:
        names = router.use_cases if query.use_case is None else [router.use_case(query.use_case).name]
        return _tagged(router, names, {"use_cases": [describe(router, name) for name in names]})

    @api.post("/config", summary="Change an experiment", responses={200: ConfigOut, 404: Problem, 409: Problem})
    def change_config(body: ConfigBody) -> Response:
        name = router.use_case(body.use_case).name
        ramp = [step.model_dump() for step in body.ramp] if body.ramp is not None else None
        wanted = Wanted(body.ab_split_b, body.kind, ramp, body.paused)
        if wanted == Wanted():
            raise RefusedInputError("nothing to change: send one or more of ab_split_b, kind, ramp, paused")
        try:
            router.splits.change(name, wanted, expected=_expected(body, name), by=str(g.caller))
        except ConflictError as error:
            raise ConflictingChangeError(str(error)) from error
        except ValueError as error:
            raise RefusedInputError(str(error)) from error
        return _tagged(router, [name], describe(router, name))

    return api


def describe(router: Router, name: str) -> dict[str, Any]:
    """How one use case is served."""
    arms, routing = router.models.of(name), router.splits.of(name)
    started = routing.ramp_started_at
    return {
        "use_case": name,
        "kind": routing.kind,
        "split_b": routing.split_b,
        "sentence": sentence(routing, router.clock()),
        "ab_split_b": routing.ab_split_b,
        "ramp": routing.ramp,
        "ramp_started_at": started.isoformat() if started else None,
        "paused": routing.paused,
        "version": routing.version,
        "phase": routing.phase,
        "changed_by": routing.by,
        "changed_at": routing.updated_at.isoformat(),
        "paired": router.use_cases[name].routing.paired,
        "champion": _arm(arms.champion),
        "challenger": _arm(arms.challenger),
        "degraded": arms.degraded,
        "problems": arms.problems,
    }


def _arm(served: Served | None) -> dict[str, Any] | None:
    return None if served is None else {"version": served.version, "engine": served.model.engine}


def _tagged(router: Router, names: Iterable[str], body: dict[str, Any]) -> Response:
    """The body with an ETag that If-Match takes: the version of each use case in it."""
    response = make_response(body)
    response.set_etag(";".join(f"{name}:{router.splits.of(name).version}" for name in names))
    return response


def _expected(body: ConfigBody, name: str) -> int | None:
    """The version that the caller saw; None when it does not say."""
    header = request.headers.get("If-Match", "*").strip()
    if header == "*":
        return body.version
    tag = header.strip('"')
    seen = dict(part.split(":", 1) for part in tag.split(";") if ":" in part).get(name, tag)
    if not seen.isascii() or not seen.isdigit() or len(seen) > DIGITS_MAX:
        raise BadRequestError(f"If-Match: the version or the ETag of GET /config is due, got {header!r}")
    if body.version is not None and body.version != int(seen):
        raise BadRequestError(f"If-Match says version {seen}, the body says {body.version}; send one of them")
    return int(seen)
