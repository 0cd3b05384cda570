"""Who changed what, and who was refused."""

from datetime import datetime
from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from resources.state.audit import last_changes
from serving.errors import Problem
from serving.router import Router

ROWS_MAX = 1000


class AuditQuery(BaseModel):
    """Whose rows, and how many."""

    use_case: str | None = Field(None, description="None = of every use case, and those of none: keys, refusals")
    limit: int = Field(50, ge=1, le=ROWS_MAX)


class ChangeOut(BaseModel):
    """One change or refusal; role, route and request_id are null where no request made it."""

    who: str = Field(description="a key's id, a command, 'local', or the address that was refused")
    action: str
    at: datetime
    use_case: str | None
    before: Any
    after: Any
    role: str | None
    route: str | None
    request_id: str | None


class ChangesOut(BaseModel):
    """The newest first."""

    changes: list[ChangeOut]


def routes(router: Router) -> APIBlueprint:
    """GET /audit."""
    api = APIBlueprint("audit", __name__, abp_tags=[Tag(name="audit")])

    @api.get("/audit", summary="Changes and refusals", responses={200: ChangesOut, 404: Problem})
    def read_audit(query: AuditQuery) -> dict[str, Any]:
        name = router.use_case(query.use_case).name if query.use_case is not None else None
        with router.state.read() as connection:
            return {"changes": [vars(change) for change in last_changes(connection, name, query.limit)]}

    return api
