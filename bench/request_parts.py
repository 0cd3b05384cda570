"""Where a request's processor time goes: the router's application called by one thread, without a server around it."""

import io
import statistics
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from bench.contenders import BATCH_ROWS, Contender

CALLS = {1: 2000, BATCH_ROWS: 40}  # by the rows of a request
WARM_SHARE = 0.1
SETTLE_S, LOOK_S = 10.0, 0.01
# What is timed, from the outside in: a part's own time is without that of the parts below it.
PARTS = {
    "serving.shortcut._read": "read and validate the body",
    "serving.api.predict.give_answers": "ids, units, arms",
    "serving.desk.Desk.answer": "records, group",
    "serving.desk.answer_all": "score: answers",
    "serving.answering.answer_all": "score: answers",
    "mlops_assets.bundle.row_reader.RowReader.read": "score: rows to tensor",
    "mlops_assets.bundle.session.Graph.run": "score: graph",
    "serving.prediction_log.PredictionLog.append_each": "log: encode, group",
    "resources.state.log_writer.LogWriter.append": "log: commit",
    "resources.state.log_writer.LogWriter.fill": "log: commit",
    "serving.desk.score_beside": "hand to the other arm",
    "serving.answering.score_beside": "hand to the other arm",
    "serving.shadow.ShadowScorer._finish": "values, groups",
    "serving.answering._count": "count",
}
REST = "routing, access, headers, encode the answer"
GRAPH = "score: graph"

Spans = dict[tuple[bool, str], float]  # seconds by whether a thread beside spent them, and by part


def print_parts(one: Contender) -> None:
    """Print the median of each part's own processor time: of one row, then of many with what the other arm costs."""
    with application(one) as (call, settle), timed() as spans:
        for rows, calls in CALLS.items():
            ask = partial(call, one.one if rows == 1 else one.many or b"", rows)
            print_table(rows, measure(spans, calls, ask, settle if rows > 1 else None))


def measure(
    spans: Spans, calls: int, call: Callable[[], None], settle: Callable[[], None] | None
) -> dict[tuple[bool, str], float]:
    """Median microseconds of each part; `settle` waits for the other arm, None: it is not counted."""
    own: dict[tuple[bool, str], list[float]] = defaultdict(list)
    for number in range(int((1 + WARM_SHARE) * calls)):
        spans.clear()
        began = time.thread_time()
        call()
        whole = time.thread_time() - began
        if settle is not None:
            settle()
        found = dict(spans)
        found[False, REST] = whole - sum(seconds for (beside, _), seconds in found.items() if not beside)
        if number >= WARM_SHARE * calls:
            for part, seconds in found.items():
                own[part].append(1e6 * seconds)
    return {part: statistics.median(seconds) for part, seconds in own.items() if settle is not None or not part[0]}


def print_table(rows: int, parts: dict[tuple[bool, str], float]) -> None:
    """The parts, the largest first."""
    graphs = sum(median for (_, name), median in parts.items() if name == GRAPH)
    whole = sum(parts.values())
    print(
        f"where {whole:,.0f} us of processor of a request of {rows:,} rows go, {whole - graphs:,.0f} beside the graphs "
        "(one thread asks, no server):"
    )
    for (beside, name), median in sorted(parts.items(), key=lambda pair: -pair[1]):
        print(f"  {median:9,.1f}  {'other arm: ' if beside else ''}{name}")


@contextmanager
def timed() -> Iterator[Spans]:
    """Seconds of processor that the parts take, each without the parts inside it, while the block runs."""
    spans: Spans = defaultdict(float)
    of_thread = threading.local()  # its `inside`: seconds of the parts inside each one that is open
    with ExitStack() as stack:
        for place, name in PARTS.items():
            stack.enter_context(patch(place, _timed(name, place, spans, of_thread)))
        yield spans


def _timed(name: str, place: str, spans: Spans, of_thread: threading.local) -> Any:
    whole, main = resolve_name(place), threading.main_thread()

    def call(*given: Any) -> Any:
        inside = of_thread.__dict__.setdefault("inside", [])
        inside.append(0.0)
        began = time.thread_time()
        try:
            return whole(*given)
        finally:
            took = time.thread_time() - began
            spans[threading.current_thread() is not main, name] += took - inside.pop()
            if inside:
                inside[-1] += took

    return call


@contextmanager
def application(one: Contender) -> Iterator[tuple[Callable[[bytes, int], None], Callable[[], None]]]:
    """What asks the router's application in this process with a body, once, and what waits for the other arm."""
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
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
    }
    told: list[str] = []
    asked: list[int] = []

    def call(body: bytes, rows: int) -> None:
        asked.append(rows)
        given = {**environ, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
        b"".join(app.wsgi_app(given, lambda status, *_: told.append(status)))
        if told.pop() != "200 OK":
            raise RuntimeError(f"{one.address} is not answered in this process")

    def settle() -> None:
        until, shadow = time.monotonic() + SETTLE_S, router.shadow
        while time.monotonic() < until and shadow.scored + shadow.failed + shadow.dropped < sum(asked):
            time.sleep(LOOK_S)

    yield call, settle
    router.close()
