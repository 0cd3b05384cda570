"""Who is champion: promote a version, roll back to the one before, read how it came about.

The row comes first and is enough; a registry that is away is told later. No row is written for a version that did not
prove, a moment ago or now, that it loads and answers its golden rows here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from mlops_assets.spec import UseCase
from resources.promotion import AliasLagsError, change_champion
from resources.registry import AbsentVersionError, RegistryError
from resources.state import promotions, verdicts
from resources.state.conflict import ConflictError
from resources.state.database import State
from resources.state.promotions import Promotion, PromotionKind
from resources.state.verdicts import Outcome, StoredVerdict
from serving.errors import ConflictingChangeError, NotReadyError, Problem, RefusedInputError
from serving.protocols import Registry
from serving.router import Router

SHOWN_MAX = 1000
VERSION_MAX = 2**31 - 1
PROBLEMS: dict[Any, Any] = {404: Problem, 409: Problem, 503: Problem}
PROMOTION: dict[str, Any] = {"to_version": 2, "expected_version": 1, "reason": "better on the October labels"}
ROLLBACK: dict[str, Any] = {"use_case": "wine_quality", "reason": "complaints since noon"}


class RollbackBody(BaseModel):
    """Back to the champion before this one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [ROLLBACK]}, strict=True)

    use_case: str | None = None
    reason: str = Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*$", description="why; kept in the row")


class PromoteBody(RollbackBody):
    """A version to be champion in place of the one that was seen."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [PROMOTION]}, strict=True)

    to_version: int = Field(ge=1, le=VERSION_MAX)
    expected_version: int | None = Field(
        ge=1, le=VERSION_MAX, description="champion now, as it was read; null when there is none"
    )


class PromotionsQuery(BaseModel):
    """Whose history, and how much of it."""

    use_case: str | None = None
    limit: int = Field(50, ge=1, le=SHOWN_MAX)


class VerdictOut(BaseModel):
    """What a promotion by verdict rests on; the interval is of the loss difference, positive = challenger better."""

    outcome: Outcome
    sentence: str
    labels: int
    estimate: float | None
    low: float | None
    high: float | None
    at: datetime


class PromotionOut(BaseModel):
    """One change of champion; `number` counts from 1 per use case."""

    use_case: str
    number: int
    kind: PromotionKind
    from_version: int | None
    to_version: int
    reason: str
    at: datetime
    by: str
    verdict_id: int | None
    verdict: VerdictOut | None


class ChangedOut(PromotionOut):
    """The change that was made."""

    alias_set: bool = Field(description="false: the registry did not answer, and its alias follows later")


class PromotionsOut(BaseModel):
    """Newest first."""

    promotions: list[PromotionOut]


@dataclass(frozen=True)
class Parts:
    """What a change works on."""

    state: State
    registry: Registry
    clock: Callable[[], datetime]


def routes(router: Router) -> APIBlueprint:
    """POST /promote, POST /rollback and GET /promotions."""
    api = APIBlueprint("promotions", __name__, abp_tags=[Tag(name="promotions")])

    @api.post("/promote", summary="Make a version champion", responses={200: ChangedOut, **PROBLEMS})
    def promote(body: PromoteBody) -> dict[str, Any]:
        use_case = router.use_case(body.use_case)
        if body.to_version == body.expected_version:
            raise RefusedInputError(f"to_version: {body.to_version} is the champion that is to be replaced")
        return _change(router, use_case, body.to_version, body.expected_version, "promote", body.reason)

    @api.post("/rollback", summary="Restore the champion before this one", responses={200: ChangedOut, **PROBLEMS})
    def rollback(body: RollbackBody) -> dict[str, Any]:
        use_case = router.use_case(body.use_case)
        with router.state.read() as connection:
            last = promotions.history(connection, use_case.name, limit=1)
        if not last or last[0].from_version is None:
            raise ConflictingChangeError(f"{use_case.name}: there is no previous champion to go back to")
        return _change(router, use_case, last[0].from_version, last[0].to_version, "rollback", body.reason)

    @api.get("/promotions", summary="How champions came about", responses={200: PromotionsOut, 404: Problem})
    def read_promotions(query: PromotionsQuery) -> dict[str, Any]:
        use_case = router.use_case(query.use_case)
        with router.state.read() as connection:
            rows = promotions.history(connection, use_case.name, query.limit)
            known = verdicts.by_id(connection, [row.verdict_id for row in rows if row.verdict_id is not None])
        return {"promotions": [_shown(row, known.get(row.verdict_id or 0)) for row in rows]}

    return api


def _change(
    router: Router, use_case: UseCase, to_version: int, expected: int | None, kind: PromotionKind, reason: str
) -> dict[str, Any]:
    """Prove, write the row, move the alias, and serve it in this process before the answer goes out."""
    copies = router.models.copies
    try:
        copies.prove(use_case.name, to_version)
    except AbsentVersionError as error:
        raise RefusedInputError(f"to_version: {error}") from error
    except RegistryError as error:
        raise NotReadyError(f"nothing was changed: {error}") from error
    except (ValueError, RuntimeError, OSError) as error:
        raise RefusedInputError(f"nothing was changed: version {to_version} does not serve: {error}") from error
    parts, by, alias_set = Parts(router.state, copies.registry, router.clock), str(g.caller), True
    try:
        row = change_champion(parts, use_case, to_version, expected=expected, kind=kind, reason=reason, by=by)
    except ConflictError as error:
        raise ConflictingChangeError(str(error)) from error
    except AliasLagsError as error:
        row, alias_set = error.row, False
    router.models.follow()
    return {**_shown(row, None), "alias_set": alias_set}


def _shown(row: Promotion, verdict: StoredVerdict | None) -> dict[str, Any]:
    shown = {name: getattr(verdict, name) for name in VerdictOut.model_fields} if verdict is not None else None
    return {**vars(row), "verdict": shown}
