"""The router as its clients see it: JSON over kept connections, one a thread; what goes wrong is a value."""

import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests

TIMEOUT_S = 30
PATIENCE_S = 20.0  # for a router that loads its first model
POLL_S = 0.5
TEXT_MAX = 500


class TrafficError(RuntimeError):
    """The router refused or could not be reached."""


@dataclass(frozen=True)
class Reply:
    """What the router said: `problem` is empty when it answered, else one sentence; `reason` is the same, shorter."""

    status: int | None
    body: dict[str, Any]
    reason: str = ""
    problem: str = ""


class Client:
    """Requests to one router.

    Parameters
    ----------
    base : address without a path
    key : sent as X-API-Key; empty where the router asks for none
    """

    def __init__(self, base: str, key: str = "") -> None:
        self._base = base
        self._headers = {"X-API-Key": key} if key else {}
        self._local = threading.local()
        self._sessions: list[requests.Session] = []

    def post(self, path: str, body: dict[str, Any]) -> Reply:
        """One request."""
        try:
            answer = self._session().post(f"{self._base}{path}", json=body, timeout=TIMEOUT_S)
        except requests.RequestException as error:
            reason = f"no answer ({type(error).__name__})"
            return Reply(None, {}, reason, f"{self._base}{path}: {reason}; is the router up? start it: mlops serve")
        return _read(answer)

    def post_patiently(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The body of the answer; while the router is not ready, such as in its first seconds, it is asked again.

        Raises
        ------
        TrafficError
            If it cannot be reached or answers with an error; the sentence carries what it said.
        """
        until = time.monotonic() + PATIENCE_S
        while (reply := self.post(path, body)).status == HTTPStatus.SERVICE_UNAVAILABLE and time.monotonic() < until:
            time.sleep(POLL_S)
        if reply.problem:
            raise TrafficError(reply.problem)
        return reply.body

    def wait_until_ready(self) -> None:
        """Return when the router has a model; TrafficError when it cannot be reached, or has none for PATIENCE_S."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                answer = self._session().get(f"{self._base}/readyz", timeout=TIMEOUT_S)
            except requests.RequestException as error:
                raise TrafficError(
                    f"{self._base}: no answer ({type(error).__name__}); is the router up? start it: mlops serve"
                ) from error
            if answer.ok:
                return
            if time.monotonic() > until:
                raise TrafficError(_read(answer).problem)
            time.sleep(POLL_S)

    def close(self) -> None:
        """Close all connections."""
        for session in self._sessions:
            session.close()

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False  # a proxy of the environment is not for this machine's router
            session.headers.update(self._headers)
            self._local.session = session
            self._sessions.append(session)
        return session


def _read(answer: requests.Response) -> Reply:
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        body = {"detail": answer.text[:TEXT_MAX]}
    if answer.ok:
        return Reply(answer.status_code, body)
    said = str(body.get("detail", body))[:TEXT_MAX]
    if answer.status_code == HTTPStatus.NOT_FOUND:
        said += "; the router reads the use cases when it starts: start it again after adding one"
    reason = f"{answer.status_code} {body.get('title', answer.reason)}"
    return Reply(answer.status_code, body, reason, f"{answer.url}: {answer.status_code}: {said}")
