"""The router's parts as one value, opened once per process."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mlops_assets.spec import UseCase
from resources.lake import Lake
from resources.settings import Settings
from resources.state.database import State
from resources.state.truth import Truths
from serving import metrics
from serving.copies import Copies
from serving.courses import Courses, Told
from serving.documents.documents import Documents
from serving.errors import BadRequestError, NotReadyError, UnknownNameError
from serving.minutes import Minutes
from serving.models import Arms, Models, Served
from serving.prediction_log import PredictionLog
from serving.probe import probe
from serving.repeater import Repeater
from serving.routing import Arm
from serving.shadow import ShadowScorer
from serving.splits import Splits
from serving.wanted import Rows

if TYPE_CHECKING:
    from serving.desk import Desk

POLL_S = 1.0
FOLLOW_S = 0.1  # how far an answer may lag behind a promotion whose version is at hand
IN_MEMORY = "memory://documents"
REGISTRY_PAUSE_S = 30.0  # the longest between two questions to a registry that does not answer
# The registry is asked again every POLL_S, so a server that does not answer need not be waited for.
FOLLOW_HTTP = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Router:
    """What the routes work on."""

    use_cases: dict[str, UseCase]
    state: State
    models: Models
    splits: Splits
    log: PredictionLog
    shadow: ShadowScorer
    unscored: list[str]
    clock: Callable[[], datetime]
    poll_s: float
    documents: Documents
    minutes: Minutes
    courses: Courses
    repeaters: list[Repeater] = field(default_factory=list)
    desks: dict[tuple[str, Arm], "Desk"] = field(default_factory=dict)

    def use_case(self, name: str | None) -> UseCase:
        """The use case of a name; without a name the one that is served.

        Raises
        ------
        UnknownNameError, BadRequestError, NotReadyError
            If no use case has the name; if several are served and none was named; if none is served.
        """
        if name is not None:
            if name not in self.use_cases:
                raise UnknownNameError(f"use case {name!r} is unknown; available: {', '.join(sorted(self.use_cases))}")
            return self.use_cases[name]
        served = self.models.ready()
        if not served:
            found = dict.fromkeys(why for name in self.use_cases for why in self.models.of(name).problems.values())
            why = "; ".join(found) or "land batches until the first model is trained"
            raise NotReadyError(f"no use case has a champion yet: {why}")
        if len(served) > 1:
            raise BadRequestError(f"several use cases are served, name one with use_case: {', '.join(sorted(served))}")
        return self.use_cases[served[0]]

    def arms(self, use_case: UseCase) -> tuple[Served, Arms]:
        """The champion of a use case, and the arms it belongs to.

        Raises
        ------
        NotReadyError
            If it has no champion.
        """
        arms = self.models.of(use_case.name)
        if arms.champion is None:
            why = "; ".join(arms.problems.values()) or "the first model is not trained"
            raise NotReadyError(f"{use_case.name} has no champion yet: {why}")
        return arms.champion, arms

    def course(self, connection: sa.Connection, name: str) -> Told:
        """How a use case and its champion went over two weeks, and what is strange in it."""
        champion = self.models.of(name).champion
        return self.courses.of(connection, name, champion.version if champion is not None else None)

    @property
    def truths(self) -> Truths:
        """What the use cases say about a truth."""
        return Truths(self.use_cases)

    def beat(self) -> None:
        """Tell the metrics what this process serves and what waits in it."""
        waiting = {"log": self.log.waiting(), "shadow": self.shadow.waiting(), "ocr": self.documents.waiting()}
        events = {
            "commits": self.log.commits,
            "lost": self.log.lost,
            "scored_beside": self.shadow.scored,
            "dropped_beside": self.shadow.dropped,
            "failed_beside": self.shadow.failed,
        }
        metrics.beat(((name, self.models.of(name)) for name in self.use_cases), waiting, events)
        self.documents.beat()

    def start(self) -> None:
        """Begin to follow the registry, the promotions and the routing table."""
        self.repeaters.extend(
            [
                Repeater("follow-registry", self.models.ask, self.poll_s, REGISTRY_PAUSE_S),
                Repeater("follow-rows", self.models.follow, FOLLOW_S),
                Repeater("follow-state", self.follow_state, self.poll_s),
                Repeater("rescore", self.rescore, self.poll_s),
                Repeater("beat", self.beat, self.poll_s),
                Repeater("minutes", self.minutes.tick, self.poll_s),
            ]
        )
        for repeater in self.repeaters:
            repeater.start()

    def follow_state(self) -> None:
        """Read splits that other processes changed, and feedback that came before its prediction."""
        self.splits.refresh()
        self.log.attach_parked()

    def rescore(self) -> None:
        """Take up what a killed process left unscored, once for each use case that has both arms."""
        for name in list(self.unscored):
            arms = self.models.of(name)
            if arms.champion is not None and arms.challenger is not None:
                self.unscored.remove(name)
                self.shadow.rescore_missing(self.state, name, arms)

    def close(self) -> None:
        """Stop following, write what waits, close the database."""
        for repeater in self.repeaters:
            repeater.stop()
        self.documents.close()
        self.minutes.close()
        self.shadow.close()
        self.log.close()
        self.state.close()


def open_router(
    use_cases: dict[str, UseCase],
    state: State,
    models: Models,
    clock: Callable[[], datetime] = utc_now,
    poll_s: float = POLL_S,
    make_log: Callable[[State, Truths], PredictionLog] = PredictionLog,
    documents: Documents | None = None,
) -> Router:
    """A router over an open database; it follows nothing before `start`. By default documents stay in memory."""
    splits = Splits(use_cases.values(), state, clock)
    log = make_log(state, Truths(use_cases))

    def follow_challenger(use_case: str, arms: Arms) -> None:
        splits.follow_challenger(use_case, arms.challenger.version if arms.challenger else None)

    models.before_swap = follow_challenger
    for name in use_cases:
        follow_challenger(name, models.of(name))
    unscored = [name for name, use_case in use_cases.items() if use_case.routing.paired]
    documents = documents or Documents(use_cases, Lake(IN_MEMORY))
    shadow, minutes = ShadowScorer(log.fill), Minutes(state, clock)
    parts = documents, minutes, Courses(clock)
    return Router(use_cases, state, models, splits, log, shadow, unscored, clock, poll_s, *parts)


def open_models(
    use_cases: dict[str, UseCase], settings: Settings, state: State, clock: Callable[[], datetime] = utc_now
) -> Models:
    """Models followed in MLflow, read from bundles that were tried in a child process."""
    for name, value in FOLLOW_HTTP.items():
        os.environ.setdefault(name, value)
    from mlops_assets.bundle.load import load_bundle
    from mlops_assets.bundle.manifest import verify
    from resources.registry import Registry

    registry = Registry(settings.mlflow_address, settings.artifact_root)
    copies = Copies(settings.root / "bundles", registry, verify, probe, load_bundle, settings.accepted_versions)
    return Models(use_cases, copies, Rows(use_cases, state, clock, settings.router_poll_s))
