"""The router as its clients see it: JSON over kept connections, one a thread; what goes wrong is a value."""

import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests

TIMEOUT_S = 30
PATIENCE_S = 20.0  # for a router that loads its first model
READY_S = 90.0  # and that tries it in a process of its own before
POLL_S = 0.25
RESTART = "; the router reads the use cases when it starts: start it again after adding one"
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
            return Reply(None, {}, f"no answer ({type(error).__name__})", _no_answer(f"{self._base}{path}", error))
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

    def wait_until_ready(self, use_case: str, challenger: int | None) -> None:
        """Return when a champion serves the use case, and the version under test too, unless it is refused.

        Raises
        ------
        TrafficError
            If the router cannot be reached, or is not so far within READY_S; the sentence says what is missing.
        """
        until = time.monotonic() + READY_S
        while missing := self._missing(use_case, challenger):
            if time.monotonic() > until:
                raise TrafficError(f"{self._base}: {missing}")
            time.sleep(POLL_S)

    def _missing(self, use_case: str, challenger: int | None) -> str:
        """What the router still lacks, in words; empty when it can begin."""
        try:
            answer = self._session().get(f"{self._base}/readyz", timeout=TIMEOUT_S)
        except requests.RequestException as error:
            raise TrafficError(_no_answer(self._base, error)) from error
        served = {one["use_case"]: one for one in _read(answer).body.get("use_cases", [])}
        if use_case not in served:
            raise TrafficError(f"{self._base}: {use_case!r} is not served there{RESTART}")
        arms = served[use_case]
        if arms["champion"] is None:
            return (
                f"{use_case} has no champion yet: {arms['problems'].get('champion', 'the first model is not trained')}"
            )
        if challenger is None or "challenger" in arms["problems"]:
            return ""
        serves = arms["challenger"]["version"] if arms["challenger"] else None
        return (
            "" if serves == challenger else f"version {challenger} of {use_case} is under test and does not serve yet"
        )

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
        said += RESTART
    reason = f"{answer.status_code} {body.get('title', answer.reason)}"
    return Reply(answer.status_code, body, reason, f"{answer.url}: {answer.status_code}: {said}")


def _no_answer(address: str, error: requests.RequestException) -> str:
    return f"{address}: no answer ({type(error).__name__}); is the router up? start it: mlops serve"
