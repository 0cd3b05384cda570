"""Who asks: the owner of the key in the header X-API-Key, or sent as a Bearer token.

A browser that only reads may send the key as the password of its login. For a change that does not count: browsers send
a login along with what a page of another site makes them send.
"""

from dataclasses import dataclass
from typing import Literal

from flask import request
from flask_httpauth import HTTPBasicAuth, HTTPTokenAuth  # type: ignore[import-untyped]

from resources.state import keys
from serving.errors import UnauthorizedError
from serving.key_ring import KeyRing
from serving.rate_limits import RateLimits

Role = Literal["public", keys.Role]

# Which routes a key opens, by the role of the route. Only admin does everything: who splits traffic need not predict.
MAY: dict[Role, frozenset[Role]] = {
    "public": frozenset({"public"}),
    "predictor": frozenset({"public", "predictor"}),
    "uploader": frozenset({"public", "predictor", "uploader"}),
    "viewer": frozenset({"public", "viewer"}),
    "operator": frozenset({"public", "viewer", "operator"}),
    "admin": frozenset({"public", "predictor", "uploader", "viewer", "operator", "admin"}),
}
REALM = "mlops router"
API_KEY = HTTPTokenAuth("ApiKey", REALM, header="X-API-Key")
BEARER = HTTPTokenAuth("Bearer", REALM)
LOGIN = HTTPBasicAuth(realm=REALM)
SCHEMES = (API_KEY, BEARER, LOGIN)


@dataclass(frozen=True)
class Caller:
    """Who asks: `id` is that of the key, None where no key is asked for."""

    id: str | None
    role: Role

    def __str__(self) -> str:
        return self.id or "local"


LOCAL = Caller(None, "admin")
ANYBODY = Caller(None, "public")


def identify(ring: KeyRing, limits: RateLimits) -> Caller:
    """The owner of the key that came along. A right key is never refused for the wrong ones of its address.

    Raises
    ------
    UnauthorizedError, TooManyRequestsError
        If no key came, or a wrong one; if too many wrong ones came from the same address.
    """
    text = _sent_key()
    if not text:
        raise UnauthorizedError("this route needs a key: send it in the header X-API-Key")
    key = ring.check(text)
    if key is None:
        limits.count_wrong_key(request.remote_addr or "")
        raise UnauthorizedError("the key is unknown, expired or revoked")
    return Caller(key.id, key.role)


def _sent_key() -> str | None:
    sent = API_KEY.get_auth() or BEARER.get_auth()
    if sent is not None:
        return str(sent.token)
    login = LOGIN.get_auth() if request.method in ("GET", "HEAD") else None
    return str(login.password) if login is not None else None
