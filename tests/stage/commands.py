"""Commands of the project, each in a process of its own, forked from one that has imported the heavy libraries."""

import multiprocessing
import os
import sys
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from resources.failpoint import EXIT_CODE, VARIABLE

HEAVY = [
    "great_expectations",
    "mlflow.entities",
    "skl2onnx",
    "onnxruntime",
    "matplotlib.figure",
    "dagster_mlflow.resources",
    "mlops_assets.definitions",
    "mlops_assets.cli.main",
    "mlops_assets.graph.resident",
    *(f"mlops_assets.graph.steps.{name}" for name in ("act", "drift", "fit", "registration", "training_set")),
    "mlops_assets.validation.validate",
]
LIMIT_S = 600

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(HEAVY)


def start(home: Path, *arguments: str, **environment: str) -> ForkServerProcess:
    """`mlops` with these arguments on a home, started."""
    process = forks.Process(target=_main, args=(arguments, {"MLOPS_HOME": str(home), **environment}))
    process.start()
    return process


def run(home: Path, *arguments: str, **environment: str) -> int:
    """Exit code of `mlops` with these arguments."""
    process = start(home, *arguments, **environment)
    process.join(LIMIT_S)
    if process.exitcode is None:
        process.kill()
        process.join()
    return int(process.exitcode or 0)


def kill_at(home: Path, point: str, *arguments: str) -> None:
    """Run `mlops` with these arguments until it dies at a named point, as by SIGKILL."""
    code = run(home, *arguments, **{VARIABLE: point})
    if code != EXIT_CODE:
        raise AssertionError(f"mlops {' '.join(arguments)} did not reach {point!r}, it ended with {code}")


def _main(arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    from mlops_assets.cli.main import main

    log = Path(environment["MLOPS_HOME"]).parent / "commands.log"
    with log.open("a", encoding="utf-8") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.environ.update(environment)
    sys.argv = ["mlops", *arguments]
    main()
