"""The router's parts as one value, opened once per process."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mlops_assets.spec import Label, UseCase, parse_label
from resources.settings import Settings
from resources.state.database import State
from serving.copies import Copies
from serving.errors import BadRequestError, NotReadyError, UnknownUseCaseError
from serving.models import Arms, Models, Served
from serving.prediction_log import PredictionLog
from serving.probe import probe
from serving.repeater import Repeater
from serving.splits import Splits
from serving.wanted import Rows

POLL_S = 1.0
FOLLOW_S = 0.1  # how far an answer may lag behind a promotion whose version is at hand
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
    repeaters: tuple[Repeater, ...]
    clock: Callable[[], datetime]

    def use_case(self, name: str | None) -> UseCase:
        """The use case of a name; without a name the one that is served.

        Raises
        ------
        UnknownUseCaseError, BadRequestError, NotReadyError
            If no use case has the name; if several are served and none was named; if none is served.
        """
        if name is not None:
            if name not in self.use_cases:
                raise UnknownUseCaseError(
                    f"use case {name!r} is unknown; available: {', '.join(sorted(self.use_cases))}"
                )
            return self.use_cases[name]
        served = self.models.ready()
        if not served:
            raise NotReadyError("no use case has a champion yet: land batches until the first model is trained")
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

    def normalise(self, use_case: str, truth: Any) -> Label:
        """A truth in the type the model answers with; ValueError when it cannot be one."""
        return normalise_truth(self.use_cases, use_case, truth)

    def start(self) -> None:
        """Begin to follow the registry and the routing table."""
        for repeater in self.repeaters:
            repeater.start()

    def close(self) -> None:
        """Stop following, write what waits, close the database."""
        for repeater in self.repeaters:
            repeater.stop()
        self.log.close()
        self.state.close()


def open_router(
    use_cases: dict[str, UseCase],
    state: State,
    models: Models,
    clock: Callable[[], datetime] = utc_now,
    poll_s: float = POLL_S,
) -> Router:
    """A router over an open database; it follows nothing before `start`."""
    splits = Splits(use_cases.values(), state, clock)
    log = PredictionLog(state, lambda use_case, truth: normalise_truth(use_cases, use_case, truth))

    def follow_state() -> None:
        splits.refresh()
        log.attach_parked()

    repeaters = (
        Repeater("follow-registry", models.ask, poll_s, REGISTRY_PAUSE_S),
        Repeater("follow-rows", models.follow, FOLLOW_S),
        Repeater("follow-state", follow_state, poll_s),
    )
    return Router(use_cases, state, models, splits, log, repeaters, clock)


def normalise_truth(use_cases: dict[str, UseCase], use_case: str, truth: Any) -> Label:
    """A truth in the type the model answers with.

    Raises
    ------
    ValueError
        If it cannot be a label of the use case, or the use case is not served here.
    """
    if use_case not in use_cases:
        raise ValueError(f"use case {use_case!r} is not served here")
    label = parse_label(truth, use_cases[use_case])
    if label != label or label in (float("inf"), float("-inf")):
        raise ValueError(f"{use_cases[use_case].target}: a finite number is due, got {truth!r}")
    return label


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
