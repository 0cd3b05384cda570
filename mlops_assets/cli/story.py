"""The demo's story, step by step, on the same sensors, jobs, router and verdict that everyone uses."""

import io
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mlops_assets.cli import services
from mlops_assets.cli.router_client import Client
from mlops_assets.cli.traffic import labelled_rows, send
from mlops_assets.spec import Delimited, UseCase
from resources.installation import Installation
from resources.landing.drop import drop

SEED = 20
RED_FIRST, RED_LATER = 600, 190
WHITE_HELD_OUT, WHITE_TRAFFIC, WHITE_BATCH = 1000, 1500, 1100
TRAFFIC_BLOCK, TRUTH_DELAY = 150, 25
READY_S = 120.0


@dataclass(frozen=True)
class Wine:
    """Red and white rows, and where they come from in words."""

    red: pd.DataFrame
    white: pd.DataFrame
    about: str


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


def read_wine(folder: Path | None) -> Wine:
    """The real files of a folder, or rows drawn from the statistical twin.

    Raises
    ------
    ValueError
        If the folder lacks one of the two files.
    """
    if folder is None:
        from mlops_assets.demo.twin import draw_wine

        return Wine(
            draw_wine("red", 1600, random_state=SEED),
            draw_wine("white", 4900, random_state=SEED + 1),
            "synthetic rows drawn from a statistical twin of Wine Quality",
        )
    paths = [folder / f"winequality-{colour}.csv" for colour in ("red", "white")]
    for path in paths:
        if not path.is_file():
            raise ValueError(f"{path} is missing; --data names a folder with winequality-red.csv and -white.csv")
    red, white = (pd.read_csv(path, sep=";").sample(frac=1, random_state=SEED) for path in paths)
    return Wine(red, white, f"the Wine Quality data of {folder.name}")


def tell_story(installation: Installation, use_case: UseCase, wine: Wine, say: Callable[[str], None]) -> Outcome:
    """Land, train, drift, retrain, route, judge, promote; then measure both champions on rows nobody saw."""
    import dagster as dg

    from mlops_assets.definitions import definitions_of
    from mlops_assets.graph.resident import Resident

    started = time.monotonic()
    held_out, traffic, landed = _split_white(wine.white)
    with dg.DagsterInstance.get() as instance:
        loop = Resident(
            definitions_of(installation), instance, [use_case.name], progress=lambda line: say(f"   {line}")
        )
        say("1. Red wine lands; its first rows train a champion.")
        _land(installation, use_case, {"red-1": wine.red[:RED_FIRST], "red-2": wine.red[RED_FIRST : 2 * RED_FIRST]})
        loop.run_once()
        first = _champion(installation, use_case)
        say("2. More red wine lands; nothing has changed, so nothing happens.")
        rest = wine.red[2 * RED_FIRST :]
        _land(installation, use_case, {"red-3": rest[:RED_LATER], "red-4": rest[RED_LATER : 2 * RED_LATER]})
        loop.run_once()
        say("3. White wine lands; an alarm, and a challenger is trained.")
        _land(installation, use_case, landed)
        loop.run_once()
        _require_challenger(installation, use_case)
        say("4. Traffic: champion and challenger score each request, the truth comes back later.")
        _serve_until_verdict(installation, use_case, traffic, loop, say)
    return _measure(installation, use_case, first, held_out, time.monotonic() - started)


def _split_white(white: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, pd.DataFrame]]:
    held_out, rest = white[:WHITE_HELD_OUT], white[WHITE_HELD_OUT:]
    traffic, rest = rest[:WHITE_TRAFFIC], rest[WHITE_TRAFFIC:]
    return held_out, traffic, {"white-1": rest[:WHITE_BATCH], "white-2": rest[WHITE_BATCH:]}


def _land(installation: Installation, use_case: UseCase, batches: dict[str, pd.DataFrame]) -> None:
    for name, frame in batches.items():
        drop(installation.settings, use_case, f"{name}.csv", _csv(frame, use_case))


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
        raise StoryError(f"no champion was trained; see {installation.settings.root}/logs and mlops status")
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
    rows = list(labelled_rows(traffic, traffic, list(use_case.features), use_case.target, None))
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
    from mlops_assets.graph.steps.models import open_version
    from mlops_assets.training.evaluation import compare, losses
    from mlops_assets.training.features import feature_frame, target_values
    from resources.state.drift_log import drift_after

    X, y = feature_frame(held_out, use_case), target_values(held_out, use_case)
    last = _champion(installation, use_case)
    answers = {
        version: open_version(installation, use_case, version).bundle.predict(X).values for version in {first, last}
    }
    both = [losses(answers[version], y, use_case.decision) for version in (first, last)]
    difference = compare(both[0], both[1])
    with installation.state.read() as connection:
        events = drift_after(connection, use_case.name, 0)
    verdict = _verdict(installation, use_case)
    return Outcome(
        use_case=use_case.name,
        alarms=[
            {"batch": event.key, "drifted": event.status == "drift", "worst_column": event.worst_column}
            for event in events
        ],
        first_champion=Scored(first, "accuracy", float((answers[first] == y).mean())),
        champion=Scored(last, "accuracy", float((answers[last] == y).mean())),
        difference={"estimate": difference.estimate, "low": difference.low, "high": difference.high},
        verdict=verdict.outcome if verdict else "none",
        labels_used=verdict.labels if verdict else 0,
        held_out=len(y),
        seconds=round(seconds, 1),
    )
