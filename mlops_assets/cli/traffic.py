"""Labelled rows as traffic: each is sent to the router, its truth follows after a delay."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mlops_assets.cli.router_client import Client

TELL_EVERY = 250


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
    client = Client(base)
    try:
        for row in rows:
            answer = client.post_patiently(address(use_case), request(row))
            per_arm[answer["arm"]] = per_arm.get(answer["arm"], 0) + 1
            waiting.append((answer["prediction_id"], row.truth))
            if len(waiting) > delay:
                client.post_patiently("/feedback", event(*waiting.popleft()))
            sent += 1
            if sent % TELL_EVERY == 0:
                tell(f"{sent} requests, {sent - len(waiting)} truths returned")
        for one in waiting:
            client.post_patiently("/feedback", event(*one))
    finally:
        client.close()
    return Sent(sent, per_arm, sent)


def address(use_case: str) -> str:
    """Where the router answers for a use case."""
    return f"/use-cases/{use_case}/predictions"


def request(row: Labelled) -> dict[str, Any]:
    """The body that asks about a row."""
    unit = {} if row.unit_id is None else {"unit_id": row.unit_id}
    return {"features": row.features, **unit}


def event(prediction_id: str, truth: Any) -> dict[str, Any]:
    """The body that tells the truth about a prediction."""
    return {"prediction_id": prediction_id, "truth": truth}


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
