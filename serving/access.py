"""Who may ask: one check before every route, which answers nobody whose route is not in ROUTES.

On this machine every route of the list is open, unless MLOPS_KEYS_REQUIRED; beyond it a request shows a key. Host,
Origin and Content-Type are checked with keys and without: a page of another site, or a name that was made to point
here, could reach a router that listens on loopback only.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Flask, Request, Response, g, request
from limits.storage import MemoryStorage
from werkzeug.middleware.proxy_fix import ProxyFix

from resources.settings import Settings
from resources.state import audit, keys
from resources.state.database import State
from resources.state.prediction_id import random_bytes
from serving.callers import ANYBODY, LOCAL, MAY, SCHEMES, Caller, Role, identify
from serving.errors import (
    AmbiguousBodyError,
    BadRequestError,
    ForbiddenError,
    TooManyRequestsError,
    UnauthorizedError,
    UnsupportedTypeError,
)
from serving.hosts import Hosts, is_loopback
from serving.key_ring import KeyRing
from serving.rate_limits import RateLimits, open_limits
from serving.refusals import Refusals

# Who may ask what, one line a route and method; a route that is not here is answered to nobody.
ROUTES: dict[tuple[str, str], Role] = {
    ("/", "GET"): "viewer",
    ("/ab", "GET"): "viewer",
    ("/audit", "GET"): "viewer",
    ("/config", "GET"): "viewer",
    ("/config", "POST"): "operator",
    ("/document/<id>", "GET"): "uploader",
    ("/documents", "GET"): "viewer",
    ("/docs/", "GET"): "viewer",
    ("/docs/openapi.json", "GET"): "viewer",
    ("/docs/redoc", "GET"): "viewer",
    ("/docs/redoc/<path:filename>", "GET"): "viewer",
    ("/docs/swagger", "GET"): "viewer",
    ("/docs/swagger/<path:filename>", "GET"): "viewer",
    ("/feedback", "POST"): "predictor",
    ("/feedback/bulk", "POST"): "predictor",
    ("/livez", "GET"): "public",
    ("/metrics", "GET"): "viewer",
    ("/predict", "POST"): "predictor",
    ("/predict/document/<id>", "POST"): "uploader",
    ("/predict/document/batch", "POST"): "uploader",
    ("/predict/text", "POST"): "predictor",
    ("/predict/text/batch", "POST"): "predictor",
    ("/prediction/history/<id>", "GET"): "uploader",
    ("/promote", "POST"): "admin",
    ("/promotions", "GET"): "viewer",
    ("/predictions/<prediction_id>", "GET"): "viewer",
    ("/readyz", "GET"): "public",
    ("/rollback", "POST"): "operator",
    ("/upload", "POST"): "uploader",
    ("/upload/batch", "POST"): "uploader",
    ("/upload-and-predict", "POST"): "uploader",
    ("/upload-and-predict/batch", "POST"): "uploader",
    ("/use-cases/<name>/batch", "POST"): "predictor",
    ("/use-cases/<name>/predictions", "POST"): "predictor",
    ("/v2", "GET"): "public",
    ("/v2/health/live", "GET"): "public",
    ("/v2/health/ready", "GET"): "public",
    ("/v2/models/<name>", "GET"): "predictor",
    ("/v2/models/<name>/infer", "POST"): "predictor",
    ("/v2/models/<name>/ready", "GET"): "public",
}
# A browser sends a form for a page of another site too, but says so in its Origin, which is refused.
FORM = frozenset({"multipart/form-data"})
# What else than JSON a POST may carry, by route.
BODIES: dict[str, frozenset[str]] = {
    "/feedback/bulk": frozenset({"text/csv", "application/x-ndjson"}),
    "/upload": FORM,
    "/upload/batch": FORM,
    "/upload-and-predict": FORM,
    "/upload-and-predict/batch": FORM,
    "/use-cases/<name>/batch": frozenset({"text/csv", "application/x-ndjson", "application/vnd.apache.parquet"}),
}
JSON = frozenset({"application/json"})
# A page of another site may have a browser send these without asking first.
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain", ""})

REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
ROUTE_LENGTH = WHO_LENGTH = 128  # of columns of the audit
NAMED = "mlops.request_id"  # where the WSGI environment keeps it
FAILED = "mlops.failed"  # there too: the error of a request that was tried before Flask had it
HEADERS = {
    name.lower(): (name, value)
    for name, value in (
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    )
}


class OpenBindError(ValueError):
    """The router was asked to answer only those with a key, and there is no key."""


@dataclass(frozen=True)
class Access:
    """What the check works on; `keys` None: nobody is asked for one."""

    hosts: Hosts
    refusals: Refusals
    limits: RateLimits
    keys: KeyRing | None = None
    proxy_hops: int = 0

    def refresh(self) -> None:
        """Read keys again and write what was refused; keys count from here on, so call it every second or so."""
        if self.keys is not None:
            self.keys.refresh()
        self.refusals.flush()

    def close(self) -> None:
        """Write what was refused and not yet told."""
        self.refusals.flush(last=True)


def open_access(settings: Settings, state: State, clock: Callable[[], datetime]) -> Access:
    """Access as the settings want it."""
    return Access(
        Hosts([settings.host, *settings.trusted_hosts.split(",")]),
        Refusals(state, clock),
        open_limits(settings),
        KeyRing(state, clock) if asks_for_keys(settings) else None,
        settings.proxy_hops,
    )


def local_access(state: State, clock: Callable[[], datetime]) -> Access:
    """Access for this machine alone: no keys, no limits."""
    return Access(Hosts(), Refusals(state, clock), RateLimits(MemoryStorage(), None))


def asks_for_keys(settings: Settings) -> bool:
    """True beyond this machine, and on it when told so."""
    return settings.keys_required or not is_loopback(settings.host)


def check_bind(settings: Settings) -> None:
    """Refuse to start where keys are asked for and there is none.

    Raises
    ------
    OpenBindError
        If no valid key exists.
    """
    if not asks_for_keys(settings):
        return
    state = State(settings.state_address)
    with state.read() as connection:
        valid = any(key.is_valid(datetime.now(UTC)) for key in keys.all_keys(connection))
    state.close()
    if not valid:
        why = (
            "MLOPS_KEYS_REQUIRED is set" if is_loopback(settings.host) else f"{settings.host!r} is beyond this machine"
        )
        raise OpenBindError(f"MLOPS_HOST: {why} and the router has no keys: mlops keys create --role admin")


def guard(app: Flask, access: Access) -> None:
    """Check each request before its route runs, and harden each answer."""
    if access.proxy_hops:
        hops = access.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    @app.before_request
    def check() -> None:
        asked, own = _here()
        environ = asked.environ
        own.request_id = environ[NAMED]
        own.caller = ANYBODY
        if environ.get("HTTP_TRANSFER_ENCODING", "chunked") != "chunked":
            raise AmbiguousBodyError("a body comes with one Transfer-Encoding, chunked, or with a Content-Length")
        _check_names(access.hosts, environ.get("HTTP_HOST", ""), environ.get("HTTP_ORIGIN"))
        if asked.url_rule is None:
            return  # 404 or 405
        rule, method = asked.url_rule.rule, asked.method
        due = ROUTES.get((rule, "GET" if method == "HEAD" else method))
        if due is None:
            raise ForbiddenError(f"{method} {rule} is not open")
        if due == "public":
            own.caller = _guest(access)
        else:
            own.caller = LOCAL if access.keys is None else identify(access.keys, access.limits)
            access.limits.count_request(own.caller.id or asked.remote_addr or "")
            _check_role(own.caller, due)
        if method == "POST":
            _check_type(asked.mimetype, BODIES.get(rule, JSON))
            audit.asking.set(audit.Asking(own.caller.role, rule, own.request_id))
        if FAILED in environ:
            raise environ[FAILED]

    @app.after_request
    def note(response: Response) -> Response:
        audit.asking.set(None)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            response.headers.extend([("WWW-Authenticate", scheme.authenticate_header()) for scheme in SCHEMES])
        if response.status_code in REFUSED:
            asked, own = _here()
            _note_refusal(access.refusals, asked, own.caller, own.request_id, response.status_code)
        return response

    app.wsgi_app = _hardened(app.wsgi_app)  # type: ignore[method-assign]


def _hardened(application: Any) -> Any:
    """The WSGI application, each of whose answers names its request, and forbids what it does not itself allow."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        request_id = environ[NAMED] = _request_id(environ.get("HTTP_X_REQUEST_ID"))

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            present = {name.lower() for name, _ in headers}
            missing = [pair for name, pair in HEADERS.items() if name not in present]
            return start_response(status, [*headers, *missing, ("X-Request-ID", request_id)], exc_info)

        return application(environ, start)

    return answer


def _here() -> tuple[Request, Any]:
    """The request and its `g` themselves: each look through Flask's proxies costs half a microsecond."""
    return request._get_current_object(), g._get_current_object()  # type: ignore[attr-defined]


def _guest(access: Access) -> Caller:
    """Who asks a public route: nobody is refused there, but who shows a right key is told more."""
    if access.keys is None:
        return LOCAL
    try:
        return identify(access.keys, access.limits)
    except (UnauthorizedError, TooManyRequestsError):
        return ANYBODY


def _check_names(hosts: Hosts, host: str, origin: str | None) -> None:
    if not hosts.trusts(f"//{host}"):
        raise BadRequestError(
            "the Host header must name this machine: use 127.0.0.1 or localhost in the address, "
            "or name the host in MLOPS_TRUSTED_HOSTS"
        )
    if origin is not None and not hosts.trusts(origin):
        raise ForbiddenError("requests of pages from other sites are not answered")


def _check_role(caller: Caller, due: Role) -> None:
    if due not in MAY[caller.role]:
        raise ForbiddenError(f"this route is for the role {due}, and your key has the role {caller.role}")


def _check_type(sent: str, taken: frozenset[str]) -> None:
    if sent in taken:
        return
    sentence = f"POST takes {' or '.join(sorted(taken))}: send the header Content-Type: {min(taken)}"
    raise ForbiddenError(sentence) if sent in FORMS else UnsupportedTypeError(sentence)


def _request_id(sent: str | None) -> str:
    if sent is not None and REQUEST_ID.fullmatch(sent):
        return sent
    return random_bytes().hex()


def _note_refusal(refusals: Refusals, asked: Request, caller: Caller, request_id: str, status: int) -> None:
    rule = asked.url_rule.rule if asked.url_rule is not None else _printable(asked.path)
    route, who = f"{asked.method} {rule}"[:ROUTE_LENGTH], (caller.id or asked.remote_addr or "")[:WHO_LENGTH]
    refusals.note(who, route, request_id, caller.role, status)


def _printable(path: str) -> str:
    """An address that a caller chose, without what PostgreSQL refuses (NUL) or a terminal obeys."""
    return "".join(one if one.isprintable() else "?" for one in path)
