"""The demo's story, step by step, on the same sensors, jobs, router and verdict that everyone uses."""

import io
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from mlops_assets.cli import services
from mlops_assets.cli.router_client import Client
from mlops_assets.cli.traffic import labelled_rows, send
from mlops_assets.demo.stage import Content, Stage
from mlops_assets.spec import Delimited, UseCase
from resources.installation import Installation
from resources.landing.drop import drop

TRAFFIC_BLOCK, TRUTH_DELAY = 150, 25
READY_S = 120.0


@dataclass(frozen=True)
class Scored:
    """A version and its value on the held-out rows."""

    version: int
    metric: str
    value: float


@dataclass(frozen=True)
class Outcome:
    """What the demo prints at the end; `difference` is in units of the loss, positive = the new champion is better."""

    use_case: str
    alarms: list[dict[str, Any]]
    first_champion: Scored
    champion: Scored
    difference: dict[str, float]
    verdict: str
    labels_used: int
    held_out: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


class StoryError(RuntimeError):
    """A step of the demo that did not come out as it must."""


def tell_story(installation: Installation, use_case: UseCase, stage: Stage, say: Callable[[str], None]) -> Outcome:
    """Land, train, drift, retrain, route, judge, promote; then measure both champions on rows nobody saw."""
    import dagster as dg

    from mlops_assets.definitions import definitions_of
    from mlops_assets.graph.resident import Resident

    started = time.monotonic()
    with dg.DagsterInstance.get() as instance:
        loop = Resident(
            definitions_of(installation), instance, [use_case.name], progress=lambda line: say(f"   {line}")
        )
        say(f"1. {stage.usual[0].upper() + stage.usual[1:]}: the first rows train a champion.")
        _land(installation, use_case, stage.first)
        loop.run_once()
        first = _champion(installation, use_case)
        say(f"2. More {stage.usual}; nothing has changed, so nothing happens.")
        _land(installation, use_case, stage.later)
        loop.run_once()
        say(f"3. Now {stage.new}; an alarm, and a challenger is trained.")
        _land(installation, use_case, stage.changed)
        loop.run_once()
        _require_challenger(installation, use_case)
        say("4. Traffic: champion and challenger score each request, the truth comes back later.")
        _serve_until_verdict(installation, use_case, _table(stage.traffic, use_case, say), loop, say)
    held_out = _table(stage.held_out, use_case, say)
    return _measure(installation, use_case, first, held_out, time.monotonic() - started)


def _land(installation: Installation, use_case: UseCase, batches: Mapping[str, Content]) -> None:
    for name, content in batches.items():
        if isinstance(content, bytes):
            drop(installation.settings, use_case, name, content)
        else:
            drop(installation.settings, use_case, f"{name}.csv", _csv(content, use_case))


def _table(content: Content, use_case: UseCase, say: Callable[[str], None]) -> pd.DataFrame:
    from mlops_assets.decode.aside import Aside
    from mlops_assets.decode.table import decode_batch

    if isinstance(content, bytes):
        return decode_batch(content, use_case, Aside(lambda line: say(f"   {line}")))
    return content


def _csv(frame: pd.DataFrame, use_case: UseCase) -> bytes:
    separator = use_case.format.separator if isinstance(use_case.format, Delimited) else ","
    buffer = io.StringIO()
    frame.to_csv(buffer, index=False, sep=separator)
    return buffer.getvalue().encode()


def _champion(installation: Installation, use_case: UseCase) -> int:
    from resources.state import promotions

    with installation.state.read() as connection:
        version = promotions.current(connection, use_case.name)
    if version is None:
        home = installation.settings.root
        raise StoryError(f"no champion was trained; see {home}/logs and MLOPS_HOME={home} mlops status")
    return version


def _require_challenger(installation: Installation, use_case: UseCase) -> None:
    from resources.state.retrains import challenger_version, retrains_of

    with installation.state.read() as connection:
        challenger = challenger_version(connection, use_case.name)
        last = retrains_of(connection, use_case.name, 1)[0]
    if challenger is None:
        why = last.reason or f"retrain {last.id} ended as {last.status}"
        raise StoryError(f"no challenger came out: {why}; give the training more time with --budget-s")


def _serve_until_verdict(
    installation: Installation, use_case: UseCase, traffic: pd.DataFrame, loop: Any, say: Callable[[str], None]
) -> None:
    settings = installation.settings
    rows = list(labelled_rows(traffic, traffic, use_case.request_columns, use_case.target, None))
    router = services.router_service(settings)
    base = router.probe.removesuffix("/livez")
    ready = services.Service(router.name, router.command, router.probe.replace("livez", "readyz"), router.page)
    with services.running([ready], settings.root / "logs", READY_S, lambda line: say(f"   {line}")):
        _wait_for_both(installation, use_case, base)
        for start in range(0, len(rows), TRAFFIC_BLOCK):
            send(
                base,
                use_case.name,
                rows[start : start + TRAFFIC_BLOCK],
                TRUTH_DELAY,
                say,
            )
            loop.run_once()
            verdict = _verdict(installation, use_case)
            if verdict is not None and verdict.decisive:
                return


def _wait_for_both(installation: Installation, use_case: UseCase, base: str) -> None:
    """Return when champion and challenger serve; the router answers as soon as the first of them does."""
    from resources.state.retrains import challenger_version

    with installation.state.read() as connection:
        challenger = challenger_version(connection, use_case.name)
    client = Client(base)
    try:
        client.wait_until_ready(use_case.name, challenger)
    finally:
        client.close()


def _verdict(installation: Installation, use_case: UseCase) -> Any:
    from resources.state import verdicts

    with installation.state.read() as connection:
        return verdicts.latest(connection, use_case.name)


def _measure(
    installation: Installation, use_case: UseCase, first: int, held_out: pd.DataFrame, seconds: float
) -> Outcome:
    from mlops_assets.decision.loss import predicted_losses
    from mlops_assets.decode.table import conform
    from mlops_assets.graph.steps.models import open_version
    from mlops_assets.training.evaluation import compare
    from mlops_assets.training.features import target_values
    from resources.state.drift_log import drift_after

    decoded = conform(held_out, use_case)
    y, last = target_values(decoded, use_case), _champion(installation, use_case)
    bundles = {version: open_version(installation, use_case, version).bundle for version in {first, last}}
    answers = {version: bundle.answer_table(decoded) for version, bundle in bundles.items()}
    both = [
        predicted_losses(
            answers[version].values, answers[version].probabilities, bundles[version].classes, y, use_case.decision
        )
        for version in (first, last)
    ]
    difference = compare(both[0], both[1])
    with installation.state.read() as connection:
        events = drift_after(connection, use_case.name, 0)
    verdict = _verdict(installation, use_case)
    metric = use_case.training.metric
    scored = {
        version: Scored(version, metric, _metrics_of(answers[version], bundles[version].classes, y)[metric])
        for version in bundles
    }
    return Outcome(
        use_case=use_case.name,
        alarms=[
            {"batch": event.key, "drifted": event.status == "drift", "worst_column": event.worst_column}
            for event in events
        ],
        first_champion=scored[first],
        champion=scored[last],
        difference={"estimate": difference.estimate, "low": difference.low, "high": difference.high},
        verdict=verdict.outcome if verdict else "none",
        labels_used=verdict.labels if verdict else 0,
        held_out=len(y),
        seconds=round(seconds, 1),
    )


def _metrics_of(answers: Any, classes: tuple[Any, ...] | None, y: Any) -> dict[str, float]:
    """Every metric of a version's answers: of its probabilities where it gives them, else of its numbers."""
    import numpy as np

    from mlops_assets.training.scoring import score_numbers, score_probabilities

    if answers.probabilities is None or classes is None:
        return score_numbers(answers.values, y)
    return score_probabilities(answers.probabilities, np.array(classes), y)
