"""Who may ask: without keys only this machine, and only the routes named here.

Everything stands on being bound to loopback. A page of another site could still make a browser send requests there
(cross-site requests, DNS rebinding), hence the checks of Host and Origin.
"""

from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from flask import Flask, Response, request

from serving.errors import ForbiddenError, ForeignHostError

Role = Literal["public", "predictor", "uploader", "viewer", "operator", "admin"]

# Who may ask what, one line a route and method; a route that is not here is answered to nobody.
ROUTES: dict[tuple[str, str], Role] = {
    ("/", "GET"): "viewer",
    ("/ab", "GET"): "viewer",
    ("/config", "GET"): "viewer",
    ("/config", "POST"): "operator",
    ("/docs/", "GET"): "public",
    ("/docs/openapi.json", "GET"): "public",
    ("/docs/swagger", "GET"): "public",
    ("/docs/swagger/<path:filename>", "GET"): "public",
    ("/feedback", "POST"): "predictor",
    ("/livez", "GET"): "public",
    ("/predict", "POST"): "predictor",
    ("/readyz", "GET"): "public",
    ("/use-cases/<name>/predictions", "POST"): "predictor",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class OpenBindError(ValueError):
    """The router was asked to listen beyond this machine, which needs keys."""


def check_bind(host: str) -> None:
    """Refuse an address beyond this machine.

    Raises
    ------
    OpenBindError
        If `host` is not a loopback address.
    """
    if not is_loopback(host):
        raise OpenBindError(
            f"host {host!r} is reachable from other machines and the router has no keys; "
            "bind to 127.0.0.1 and put a proxy that asks for a login in front"
        )


def is_loopback(host: str) -> bool:
    """True for localhost and the loopback addresses."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def guard(app: Flask) -> None:
    """Check each request before its route runs, and harden each answer."""

    @app.before_request
    def check() -> None:
        if not _names_this_machine(f"//{request.headers.get('Host', '')}"):
            raise ForeignHostError("the Host header must name this machine: use 127.0.0.1 or localhost in the address")
        origin = request.headers.get("Origin")
        if origin is not None and not _names_this_machine(origin):
            raise ForbiddenError("requests of pages from other sites are not answered")
        method = "GET" if request.method in ("HEAD", "OPTIONS") else request.method
        if request.url_rule is not None and (request.url_rule.rule, method) not in ROUTES:
            raise ForbiddenError(f"{method} {request.url_rule.rule} is not open")
        if request.method == "POST" and not request.is_json:
            raise ForbiddenError("POST takes JSON: send the header Content-Type: application/json")

    app.after_request(_harden)


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _names_this_machine(address: str) -> bool:
    try:
        return is_loopback(urlsplit(address).hostname or "")
    except ValueError:
        return False
