"""Where a request's microseconds go: the router's application called by one thread, without a server around it."""

import io
import statistics
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pkgutil import resolve_name
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from bench.contenders import Contender

CALLS, WARM = 2000, 200
# What is timed, from the outside in: a part's own time is without that of the parts below it.
PARTS = {
    "read and validate the body": "serving.shortcut._read",
    "records, group": "serving.desk.Desk.answer",
    "score: answers": "serving.desk.answer_all",
    "score: row to tensor": "mlops_assets.bundle.row_reader.RowReader.read",
    "score: graph": "mlops_assets.bundle.session.Graph.run",
    "log: encode, group": "serving.prediction_log.PredictionLog.append_each",
    "log: commit": "resources.state.log_writer.LogWriter.append",
    "hand to the other arm": "serving.desk.score_beside",
    "count": "serving.answering._count",
}
ALL = "routing, access, headers, encode the answer"


def print_parts(one: Contender) -> None:
    """Print the median of each part's own microseconds, and their sum."""
    with application(one) as call, timed() as spans:
        own: dict[str, list[float]] = defaultdict(list)
        for number in range(WARM + CALLS):
            spans.clear()
            spans[ALL] = -time.perf_counter()
            call()
            spans[ALL] += time.perf_counter() - sum(spans[name] for name in PARTS)
            if number >= WARM:
                for name, seconds in spans.items():
                    own[name].append(1e6 * seconds)
    medians = {name: statistics.median(own[name]) for name in (ALL, *PARTS)}
    print(f"where {sum(medians.values()):,.0f} us of a request go (one thread, no server):")
    for name, median in sorted(medians.items(), key=lambda pair: -pair[1]):
        print(f"  {median:6.1f}  {name}")


@contextmanager
def timed() -> Iterator[dict[str, float]]:
    """Seconds that the parts take, each without the parts inside it, while the block runs."""
    spans: dict[str, float] = defaultdict(float)
    open_parts: list[float] = []  # seconds of the parts inside each one that is open
    patches = [patch(place, _timed(name, place, spans, open_parts)) for name, place in PARTS.items()]
    for one in patches:
        one.start()
    try:
        yield spans
    finally:
        for one in patches:
            one.stop()


def _timed(name: str, place: str, spans: dict[str, float], open_parts: list[float]) -> Any:
    whole, main = resolve_name(place), threading.main_thread()

    def call(*given: Any) -> Any:
        if threading.current_thread() is not main:  # the other arm is scored meanwhile
            return whole(*given)
        open_parts.append(0.0)
        began = time.perf_counter()
        try:
            return whole(*given)
        finally:
            took = time.perf_counter() - began
            spans[name] += took - open_parts.pop()
            if open_parts:
                open_parts[-1] += took

    return call


@contextmanager
def application(one: Contender) -> Iterator[Any]:
    """A function that sends the contender's body to the router's application in this process, once."""
    from mlops_assets.use_cases.load import load_use_cases
    from resources.settings import read_settings
    from resources.state.database import State
    from serving.app import create_app
    from serving.router import open_models, open_router

    settings = read_settings({}, home=Path(one.environment["MLOPS_HOME"]))
    use_cases, state = load_use_cases(settings.own_use_cases), State(settings.state_address)
    router = open_router(use_cases, state, open_models(use_cases, settings, state))
    router.models.refresh()
    app, address = create_app(router), urlsplit(one.address)
    environ = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": address.path,
        "QUERY_STRING": "",
        "SERVER_NAME": address.hostname,
        "SERVER_PORT": str(address.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": address.netloc,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(one.one)),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
    }
    told: list[str] = []

    def call() -> None:
        body = {**environ, "wsgi.input": io.BytesIO(one.one)}
        b"".join(app.wsgi_app(body, lambda status, *_: told.append(status)))
        if told.pop() != "200 OK":
            raise RuntimeError(f"{one.address} is not answered in this process")

    yield call
    router.close()
