"""The router's Flask application."""

from collections.abc import Callable
from typing import Any

from flask import redirect
from flask.sessions import NullSession, SessionInterface
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from flask_openapi3_swagger.templates import swagger_html_string  # type: ignore[import-untyped]
from werkzeug.wrappers import Response

from serving.access import Access, guard, local_access
from serving.api import (
    audit,
    batch,
    config,
    document_predictions,
    feedback,
    feedback_bulk,
    health,
    infer,
    metrics,
    predict,
    predict_text,
    promotions,
    uploads,
)
from serving.documents.form_request import FormRequest
from serving.errors import Problem, from_validation, handle_errors
from serving.json_provider import OrjsonProvider
from serving.openapi import SCHEMES, describe
from serving.pages import ab, documents
from serving.router import Router
from serving.shortcut import BODY_BYTES_MAX, Shortcut

DOCS_VALUES = "{% set doc_url = 'openapi.json' %}{% set oauth_config = none %}"  # Swagger on the first page of /docs
RESOURCES = (
    *(predict, predict_text, batch, infer, uploads, document_predictions),
    *(feedback, feedback_bulk, config, promotions, audit, health),
)
INFO = Info(title="Predictions, A/B routed", version="1.0.0", description="Champion and challenger behind one address.")


class NoSessions(SessionInterface):
    """One session for all requests, which refuses to hold anything."""

    _none = NullSession()

    def open_session(self, *_: Any) -> NullSession:
        """The session that is none."""
        return self._none


class App(OpenAPI):
    """Flask without what no route here has: coroutines, and sessions."""

    session_interface = NoSessions()
    request_class = FormRequest

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is; Flask would look at each one of each request for a coroutine."""
        return func


def create_app(router: Router, access: Access | None = None) -> OpenAPI:
    """The application over an open router; without `access` for this machine alone."""
    app = App(
        __name__,
        info=INFO,
        security_schemes=SCHEMES,
        doc_prefix="/docs",
        validation_error_model=Problem,
        validation_error_callback=from_validation,
    )
    app.json = OrjsonProvider(app)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    app.config["OPENAPI_HTML_STRING"] = DOCS_VALUES + swagger_html_string
    handle_errors(app)
    access = access or local_access(router.state, router.clock)
    app.wsgi_app = Shortcut(app.wsgi_app, router, access)  # type: ignore[method-assign]
    guard(app, access)
    for resource in RESOURCES:
        app.register_api(resource.routes(router))
    app.register_blueprint(metrics.routes(router))
    app.register_blueprint(ab.routes(router))
    app.register_blueprint(documents.routes(router))
    app.add_url_rule("/", "home", redirect_home)
    describe(app)
    return app


def redirect_home() -> Response:
    """The address itself shows the A/B page."""
    return redirect("/ab")
