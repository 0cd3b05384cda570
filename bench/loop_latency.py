"""Seconds from a landed file to its drift score and to a challenger, in one warm process and under the daemon.

python -m bench.loop_latency [--quick]

Synthetic wine lands in a fresh home: red trains the champion and warms everything up, more red is scored, white drifts
and trains a challenger. Both ways of running look for files at the same interval.
"""

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from mlops_assets.cli import services
from mlops_assets.cli.opening import open_installation
from mlops_assets.demo.twin import draw_wine
from mlops_assets.use_cases.load import find_use_case, load_use_cases
from resources.installation import Installation
from resources.landing.drop import drop
from resources.settings import read_settings
from resources.state import ledger
from resources.state.drift_log import drift_after
from resources.state.retrains import DONE, retrains_of

NAME = "wine_latency"
LOOK_EVERY_S = 5  # what the sensors' minimum interval is under the daemon
LIMIT_S = 300
ASKED = "until the {} run is asked for"
SEEN = ASKED.format("batch")
OVERRIDES = [
    "landing.quiet_s=0",
    "retrain.cooldown_s=0",
    "training.engine=lean",
    "training.budget_s=10",
    "training.families=[linear,tree,lightgbm]",
]


@dataclass(frozen=True)
class Timed:
    """One way of running: seconds by stage, for a batch that is scored and for one that trains a challenger."""

    scored: dict[str, float]
    challenged: dict[str, float]


def main() -> None:
    """Print two tables, then one JSON object of the seconds after the file was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave the daemon out")
    quick = parser.parse_args().quick
    logging.getLogger("dagster").setLevel(logging.ERROR)
    timed = {"resident": measure(run_resident)}
    if not quick:
        timed["daemon"] = measure(run_daemon)
    show("file landed -> drift scored", {name: found.scored for name, found in timed.items()})
    show("file landed -> challenger registered", {name: found.challenged for name, found in timed.items()})
    figures: dict[str, Any] = {
        f"{name}_{what}_s": round(worked(stages), 2)
        for name, found in timed.items()
        for what, stages in (("scored", found.scored), ("challenger", found.challenged))
    }
    for what in ("scored", "challenger"):
        ratio = None if quick else round(figures[f"daemon_{what}_s"] / figures[f"resident_{what}_s"], 2)
        figures[f"daemon_over_resident_{what}"] = ratio
    print(json.dumps(figures))


def show(title: str, by_way: dict[str, dict[str, float]]) -> None:
    """Seconds by stage, one column for each way of running."""
    print(f"{title:<40}" + "".join(f"{name:>12}" for name in by_way))
    for stage in next(iter(by_way.values())):
        print(f"  {stage:<38}" + "".join(f"{stages[stage]:12.2f}" for stages in by_way.values()))
    print(f"  {'in all':<38}" + "".join(f"{sum(stages.values()):12.2f}" for stages in by_way.values()))
    print(f"  {'in all, once the file was seen':<38}" + "".join(f"{worked(found):12.2f}" for found in by_way.values()))


def worked(stages: dict[str, float]) -> float:
    """Seconds without the wait for the first look, which is a matter of chance: 0 to LOOK_EVERY_S and the look."""
    return sum(seconds for stage, seconds in stages.items() if stage != SEEN)


def measure(running: Callable[[Installation], Any]) -> Timed:
    """Land three files, one after the other's work is over, and time the last two."""
    with tempfile.TemporaryDirectory() as folder:
        installation = open_home(Path(folder) / "home")
        with running(installation):
            land(installation, "red", 700, seed=1)
            wait(installation, lambda: len(retrains(installation)) == 1)
            scored_from = land(installation, "red", 300, seed=2)
            wait(installation, lambda: len(events(installation)) == 1)
            time.sleep(2 * LOOK_EVERY_S)  # the run is over, and the next look is at any moment
            challenged_from = land(installation, "white", 700, seed=3)
            wait(installation, lambda: len(retrains(installation)) == 2)
            time.sleep(1)  # Dagster writes the end of the last step after the row
        batches = keys(installation)
        return Timed(
            stages(installation, batches[1], scored_from, with_training=False),
            stages(installation, batches[2], challenged_from, with_training=True),
        )


def open_home(home: Path) -> Installation:
    """A fresh home whose own use case is wine with a short training."""
    own = home / "use_cases"
    own.mkdir(parents=True)
    values = find_use_case("wine_quality", None, OVERRIDES).model_dump(mode="json") | {"name": NAME}
    (own / f"{NAME}.yaml").write_text(json.dumps(values), encoding="utf-8")  # JSON is YAML
    known = load_use_cases(read_settings(home=home).own_use_cases)
    return open_installation(known, home=home, dagster_port=services.free_port())


@contextmanager
def run_resident(installation: Installation) -> Iterator[None]:
    """`mlops run --watch` in a process of its own."""
    program = "from mlops_assets.cli.main import main; main()"
    command = [sys.executable, "-c", program, "run", "--watch", "--every-s", str(LOOK_EVERY_S), NAME]
    with (installation.settings.root / "logs" / "resident.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait()


@contextmanager
def run_daemon(installation: Installation) -> Iterator[None]:
    """`dagster dev`: the code server, the daemon and the pages."""
    settings = installation.settings
    with services.running([services.dagster_service(settings)], settings.root / "logs", LIMIT_S, lambda line: None):
        yield


def land(installation: Installation, colour: str, rows: int, seed: int) -> datetime:
    """The moment at which a file was there whole."""
    data = draw_wine(colour, rows, random_state=seed).to_csv(index=False, sep=";").encode()
    drop(installation.settings, installation.use_cases[NAME], f"{colour}-{seed}.csv", data)
    return datetime.now(UTC)


def wait(installation: Installation, is_there: Callable[[], bool]) -> None:
    """Return when it is there."""
    until = time.monotonic() + LIMIT_S
    while not is_there():
        if time.monotonic() > until:
            raise TimeoutError(f"nothing came within {LIMIT_S} s; see {installation.settings.root / 'logs'}")
        time.sleep(0.2)


def retrains(installation: Installation) -> list[Any]:
    """Retrains that ended, oldest first."""
    with installation.state.read() as connection:
        return [row for row in reversed(retrains_of(connection, NAME)) if row.status in DONE]


def events(installation: Installation) -> list[Any]:
    """Drift events, oldest first."""
    with installation.state.read() as connection:
        return drift_after(connection, NAME, 0)


def keys(installation: Installation) -> list[str]:
    """Accepted batches, oldest first."""
    with installation.state.read() as connection:
        return [batch.key for batch in ledger.accepted(connection, NAME)]


def stages(installation: Installation, key: str, landed: datetime, with_training: bool) -> dict[str, float]:
    """Seconds by stage from the landing of a batch to its last step; they add up to the whole."""
    with dg.DagsterInstance.from_config(str(installation.settings.dagster_home)) as instance:
        (batch,) = instance.get_runs(dg.RunsFilter(job_name=f"{NAME}_batch", tags={"dagster/partition": key}))
        runs = {"batch": batch.run_id}
        if with_training:
            runs["train"] = instance.get_runs(dg.RunsFilter(job_name=f"{NAME}_train"), limit=1)[0].run_id
        found, at = {}, landed.timestamp()
        for name, run_id in runs.items():
            created = instance.get_run_record_by_id(run_id).create_timestamp.timestamp()
            found[ASKED.format(name)], at = created - at, created
            steps = sorted(instance.get_run_step_stats(run_id), key=lambda step: step.start_time)
            found[f"until {short(steps[0].step_key)} begins"], at = steps[0].start_time - at, steps[0].start_time
            for step in steps:
                found[short(step.step_key)], at = step.end_time - at, step.end_time
    return found


def short(step_key: str) -> str:
    """The asset's name."""
    return step_key.rpartition("__")[2]


if __name__ == "__main__":
    main()
