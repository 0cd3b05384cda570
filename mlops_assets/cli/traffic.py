"""Labelled rows as traffic: each is sent to the router, its truth follows after a delay."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests

TIMEOUT_S = 30
TELL_EVERY = 250
PATIENCE_S = 20.0  # for a router that loads its first model
POLL_S = 0.5
TEXT_MAX = 500


class TrafficError(RuntimeError):
    """The router refused or could not be reached."""


@dataclass(frozen=True)
class Labelled:
    """One row as a client would send it, its unit if it has one, and the truth that arrives later."""

    features: dict[str, Any]
    truth: Any
    unit_id: str | None = None


@dataclass(frozen=True)
class Sent:
    """What was sent: answers per arm, truths returned."""

    requests: int
    per_arm: dict[str, int]
    feedback: int


def send(
    base: str,
    use_case: str,
    rows: Iterable[Labelled],
    delay: int,
    tell: Callable[[str], None],
) -> Sent:
    """Send each row, and each truth `delay` requests after its answer.

    Raises
    ------
    TrafficError
        If the router cannot be reached or answers with an error; the sentence carries what it said.
    """
    waiting: deque[tuple[str, Any]] = deque()
    per_arm: dict[str, int] = {}
    sent = 0
    with requests.Session() as session:
        for row in rows:
            answer = _post(session, f"{base}/use-cases/{use_case}/predictions", _request(row))
            per_arm[answer["arm"]] = per_arm.get(answer["arm"], 0) + 1
            waiting.append((answer["prediction_id"], row.truth))
            if len(waiting) > delay:
                _return_truth(session, base, waiting.popleft())
            sent += 1
            if sent % TELL_EVERY == 0:
                tell(f"{sent} requests, {sent - len(waiting)} truths returned")
        for one in waiting:
            _return_truth(session, base, one)
    return Sent(sent, per_arm, sent)


def labelled_rows(frame: Any, raw: Any, columns: Iterable[str], target: str, unit: str | None) -> Iterator[Labelled]:
    """The rows of a decoded table whose truth is known, with the values of `raw` a client would send."""
    for position, truth in enumerate(frame[target].tolist()):
        if truth is None or truth != truth:
            continue
        features = {name: _plain(raw[name].iat[position]) for name in columns if name in raw}
        yield Labelled(features, _plain(truth), None if unit is None else str(frame[unit].iat[position]))


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    if value is None or value != value:
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value


def _request(row: Labelled) -> dict[str, Any]:
    unit = {} if row.unit_id is None else {"unit_id": row.unit_id}
    return {"features": row.features, **unit}


def _return_truth(session: requests.Session, base: str, one: tuple[str, Any]) -> None:
    _post(session, f"{base}/feedback", {"prediction_id": one[0], "truth": one[1]})


def _post(session: requests.Session, address: str, body: dict[str, Any]) -> dict[str, Any]:
    """The router's answer; while it is not ready, such as in its first seconds, it is asked again."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            answer = session.post(address, json=body, timeout=TIMEOUT_S)
        except requests.RequestException as error:
            raise TrafficError(
                f"{address}: no answer ({type(error).__name__}); is the router up? start it: mlops serve"
            ) from error
        if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > until:
            break
        time.sleep(POLL_S)
    if not answer.ok:
        raise TrafficError(f"{address}: {answer.status_code}: {_said(answer)}")
    found: dict[str, Any] = answer.json()
    return found


def _said(answer: requests.Response) -> str:
    """The sentence of a problem document, or the text itself."""
    try:
        problem = answer.json()
    except requests.JSONDecodeError:
        return answer.text[:TEXT_MAX]
    sentence = str(problem.get("detail", problem))[:TEXT_MAX]
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return f"{sentence}; the router reads the use cases when it starts: start it again after adding one"
    return sentence
