"""Several things asked for in one request, each with a result or an error of its own."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, Field

from serving.errors import ProblemError

One = TypeVar("One")


class RefusedOut(BaseModel):
    """Why one of several got no result: what a request for it alone would be told."""

    status: int
    detail: str
    errors: list[dict[str, Any]] = Field([], description="one entry for each field that was refused")


def results_of(
    items: Iterable[One], act: Callable[[One], dict[str, Any]], named: Callable[[One], dict[str, Any]]
) -> dict[str, Any]:
    """One result for each item, in order: what `act` gives, beside what the item is `named`, or its error."""
    return {"results": [named(item) | _result(item, act) for item in items]}


def _result(item: One, act: Callable[[One], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"result": act(item), "error": None}
    except ProblemError as error:
        told = {"status": int(error.status), "detail": error.detail, "errors": error.errors}
        return {"result": None, "error": told}
