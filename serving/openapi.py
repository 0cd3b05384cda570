"""What the document at /docs says beyond the models of the routes: keys, roles, and the problems of each route.

What holds for all routes is added here once, so that no route has to remember it and none can forget.
"""

from typing import Any

from flask import Response
from flask_openapi3.openapi import OpenAPI
from flask_openapi3.utils import parse_rule

from serving.access import ROUTES
from serving.errors import Problem

SCHEMES: dict[str, Any] = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "a key of `mlops keys create`"},
    "Bearer": {"type": "http", "scheme": "bearer", "description": "the same key, as a token"},
}
KEYED: list[dict[str, list[str]]] = [{name: []} for name in SCHEMES]
PROBLEMS = {
    "400": "The request as a whole makes no sense, or the Host header names another machine.",
    "401": "A key is due, and none or a wrong one came.",
    "403": "Your key has another role, or a page of another site asks.",
    "413": "The body is too large.",
    "415": "The body is of a type that this route does not read.",
    "422": "A field cannot be used; `errors` names it.",
    "429": "Too often, or too many wrong keys; Retry-After says when again.",
    "503": "No model serves yet, or the database does not answer; Retry-After says when again.",
}
OF_ALL, OF_KEYED, OF_BODIES = ("400", "403"), ("401", "429", "503"), ("413", "415", "422")
PROBLEM_JSON = {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
PAGES = ("openapi", "swagger", "redoc")
# Scripts and styles of the two pages stand partly in the page itself; nothing is fetched from anywhere else.
CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def describe(app: OpenAPI) -> None:
    """Complete the document of an application whose routes are all registered, and shut its pages in."""
    paths = app.api_doc["paths"]
    for (rule, method), role in ROUTES.items():
        operation = paths.get(parse_rule(rule), {}).get(method.lower())
        if operation is not None:
            _describe(operation, role, method)
    for view in app.view_functions.values():
        body = getattr(view, "__annotations__", {}).get("body")
        if body is not None:  # flask-openapi3 drops what JSON Schema calls examples
            app.api_doc["components"]["schemas"][body.__name__] |= body.model_config["json_schema_extra"]
    for page in PAGES:
        app.after_request_funcs.setdefault(page, []).append(_shut_in)


def _describe(operation: dict[str, Any], role: str, method: str) -> None:
    operation["security"] = [] if role == "public" else KEYED
    if role != "public":
        operation["description"] = f"{operation.get('description', '')} For keys of the role {role}.".strip()
    answers = operation["responses"]
    if method == "GET" and not operation.get("parameters"):
        answers.pop("422", None)  # nothing there that could be refused
    also = (*OF_ALL, *(OF_KEYED if role != "public" else ()), *(OF_BODIES if method == "POST" else ()))
    for status in {*also, *(code for code, answer in answers.items() if _is_problem(answer))}:
        description = PROBLEMS.get(status) or answers[status]["description"]
        answers[status] = {"description": description, "content": PROBLEM_JSON}
    operation["responses"] = dict(sorted(answers.items()))


def _is_problem(answer: dict[str, Any]) -> bool:
    return Problem.__name__ in str(answer.get("content", ""))


def _shut_in(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY)
    return response
