"""The router's real application in four states, told through its own routes, and a small server for a browser."""

import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from werkzeug.serving import WSGIRequestHandler, make_server

from mlops_assets.decision.confidence import interval_path
from mlops_assets.decision.verdict import decide
from mlops_assets.spec import UseCase
from mlops_assets.use_cases.load import load_use_cases
from resources.state.database import State, metadata
from resources.state.promotions import promote
from resources.state.verdicts import StoredVerdict, record_verdict
from serving.app import create_app
from serving.models import Arms, Served
from serving.router import Router, open_router

sys.path.insert(0, str(Path(__file__).parents[1] / "serving"))

from fake_models import FakeModel

MORNING = datetime(2026, 5, 4, 8, tzinfo=UTC)
ROWS = 500  # of one request
LOOK_EVERY = 20  # labels
NAMES = ("chromium", "chromium-browser", "google-chrome")  # of the browser
START_MS = 300_000.0  # of a browser, on a machine that others use as well
STATES = ("none", "running", "decided", "alarm")


@dataclass
class Clock:
    """A clock that only moves when told."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now


@dataclass
class FixedModels:
    """Models that are as the test sets them."""

    arms: dict[str, Arms] = field(default_factory=dict)

    def of(self, use_case: str) -> Arms:
        return self.arms[use_case]

    def ready(self) -> list[str]:
        return [name for name, arms in self.arms.items() if arms.champion is not None]

    def follow(self) -> None:
        """They follow nothing."""

    ask = refresh = follow


@dataclass(frozen=True)
class Told:
    """An application, and the router behind it."""

    app: Any
    router: Router


@contextmanager
def tell(name: str, folder: Path) -> Iterator[Told]:
    """The application in one of the STATES, over a database in `folder`."""
    use_case = load_use_cases()["delivery_time" if name == "running" else "wine_quality"]
    state, clock = State(f"sqlite:///{folder / f'{name}.db'}"), Clock()
    metadata.create_all(state.engine)
    models = FixedModels({use_case.name: _arms(use_case, alone=name == "none")})
    router = open_router({use_case.name: use_case}, state, models, clock)
    app = create_app(router)
    _first_champion(state, use_case)
    if name != "none":
        router.splits.follow_challenger(use_case.name, 5)
    {"none": _none, "running": _running, "decided": _decided, "alarm": _alarm}[name](app, router, use_case, clock)
    yield Told(app, router)
    router.close()


def _arms(use_case: UseCase, *, alone: bool = False, fail: str = "") -> Arms:
    classes = (5, 6) if use_case.task == "classification" else None
    values = (5, 6) if classes else (27.4, 26.1)
    champion = Served(4, FakeModel(values[0], engine="onnx", classes=classes))
    return Arms(champion, None if alone else Served(5, FakeModel(values[1], fail, engine="onnx", classes=classes)))


def _none(app: Any, router: Router, use_case: UseCase, clock: Clock) -> None:
    ask(app, clock, requests=4, labels=600)


def _running(app: Any, router: Router, use_case: UseCase, clock: Clock) -> None:
    change_split(app, clock, 0.3)
    ask(app, clock, requests=5, labels=900)
    rng = np.random.default_rng(6)
    judge(router, use_case, clock, np.clip(rng.normal(1.3, 6.0, 900), -60, 60))


def _decided(app: Any, router: Router, use_case: UseCase, clock: Clock) -> None:
    change_split(app, clock, 0.5)
    ask(app, clock, requests=3, labels=700)
    judge(router, use_case, clock, np.random.default_rng(2).choice([1.0, 0.0, -1.0], 700, p=[0.22, 0.65, 0.13]))


def _alarm(app: Any, router: Router, use_case: UseCase, clock: Clock) -> None:
    """B fails in some requests, so that A answers more than its share."""
    change_split(app, clock, 0.5)
    for fail in ("", "raises", "", "", "raises", ""):
        router.models.arms[use_case.name] = _arms(use_case, fail=fail)  # type: ignore[attr-defined]
        ask(app, clock, requests=1, labels=90)
    judge(router, use_case, clock, np.random.default_rng(5).choice([1.0, 0.0, -1.0], 540, p=[0.19, 0.65, 0.16]))


def ask(app: Any, clock: Clock, requests: int, labels: int) -> None:
    """Send rows, ten minutes a request, then the truth about the first `labels` of them."""
    client, ids = app.test_client(), []
    for _ in range(requests):
        clock.now += timedelta(minutes=10)
        answer = client.post("/predict", json={"rows": [{"alcohol": 9.4}] * ROWS})
        assert answer.status_code == 200, answer.text
        ids += [one["prediction_id"] for one in answer.json["predictions"]]
    for start in range(0, labels, ROWS):
        clock.now += timedelta(minutes=10)
        events = [{"prediction_id": one, "truth": 6} for one in ids[start : min(start + ROWS, labels)]]
        answer = client.post("/feedback", json={"events": events})
        assert answer.status_code == 200, answer.text


def change_split(app: Any, clock: Clock, split_b: float) -> None:
    """The operator sets the share of B."""
    clock.now += timedelta(minutes=25)
    answer = app.test_client().post("/config", json={"ab_split_b": split_b})
    assert answer.status_code == 200, answer.text


def judge(router: Router, use_case: UseCase, clock: Clock, differences: NDArray[np.float64]) -> None:
    """Store what a verdict after every LOOK_EVERY labels would have been, until one is decisive."""
    limit = use_case.decision.loss_max
    path = interval_path(differences, -limit, limit, use_case.decision.alpha)
    last = decide(np.maximum(differences, 0), np.maximum(-differences, 0), use_case.decision)
    looks = [
        (n, "continue", (path.estimate[n - 1], path.low[n - 1], path.high[n - 1]), "too early")
        for n in range(LOOK_EVERY, last.labels, LOOK_EVERY)
    ]
    looks.append(
        (last.labels, last.outcome, (last.interval.estimate, last.interval.low, last.interval.high), last.sentence)
    )
    for place, (labels, outcome, ends, sentence) in enumerate(looks):
        at = clock.now - timedelta(minutes=len(looks) - place)
        floats = (float(end) for end in ends)
        with router.state.write() as connection:
            record_verdict(connection, StoredVerdict(use_case.name, 4, 5, outcome, *floats, labels, at, sentence))


def _first_champion(state: State, use_case: UseCase) -> None:
    with state.write() as connection:
        for version, kind, reason in (
            (3, "first", "the first batches were accepted"),
            (4, "promote", "promote: after 310 labels version 4 was better"),
        ):
            before = None if version == 3 else 3
            at = MORNING - timedelta(days=5 - version)
            promote(connection, use_case.name, version, expected=before, kind=kind, reason=reason, at=at, by="verdict")


@contextmanager
def launch() -> Iterator[Any]:
    """The system's browser; as root it runs only without its sandbox, and it is shown pages of this machine alone."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"], timeout=START_MS)
        yield browser
        browser.close()


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """The test's output stays its own."""


@contextmanager
def serve(app: Any) -> Iterator[str]:
    """The address of an application, on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(300)
    server.server_close()
