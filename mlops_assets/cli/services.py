"""Services as child processes: started, waited for until they answer, stopped together."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mlops_assets.cli import leash
from resources.settings import Settings

POLL_S = 0.25


class ServiceError(RuntimeError):
    """A service that did not come up, with the end of its log."""


@dataclass(frozen=True)
class Service:
    """A command, the address that answers when it is ready, and what a person opens."""

    name: str
    command: tuple[str, ...]
    probe: str
    page: str
    environment: tuple[tuple[str, str], ...] = ()


def all_services(settings: Settings) -> list[Service]:
    """The router, Dagster and, unless a server elsewhere has it, the MLflow page, in the order they are started."""
    own = [router_service(settings), dagster_service(settings)]
    return own if settings.mlflow_is_served else [*own, mlflow_service(settings)]


def router_service(settings: Settings) -> Service:
    """The A/B router."""
    base = settings.router_address
    return Service("router", (sys.executable, "-m", "serving"), f"{base}/livez", f"{base}/ab")


def dagster_service(settings: Settings) -> Service:
    """Dagster's pages and daemon."""
    base = f"http://127.0.0.1:{settings.dagster_port}"
    workspace = str(settings.dagster_home / "workspace.yaml")
    command = (
        sys.executable,
        "-m",
        "dagster",
        "dev",
        "-w",
        workspace,
        "-h",
        "127.0.0.1",
        "-p",
        str(settings.dagster_port),
    )
    return Service("dagster", command, f"{base}/server_info", base)


def mlflow_service(settings: Settings) -> Service:
    """MLflow's pages, on loopback, one worker, without its job runner."""
    base = settings.mlflow_page
    command = (
        *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(settings.mlflow_port)),
        *("--backend-store-uri", settings.mlflow_address, "--default-artifact-root", settings.artifact_root),
        *("--workers", "1"),
    )
    page = f"{base}/#/experiments?workflowType=machine_learning"
    return Service("mlflow", command, f"{base}/health", page, (("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false"),))


@contextmanager
def running(
    services: Sequence[Service], logs: Path, ready_s: float, tell: Callable[[str], None]
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Every service started and answering; all of them are stopped at the end, also where this process is killed.

    Raises
    ------
    ServiceError
        If one ends or does not answer within `ready_s`.
    """
    started: list[subprocess.Popen[bytes]] = []
    with _leash() as hold:
        try:
            for service in services:
                tell(f"{service.name}: starting")
                started.append(_start(service, logs))
                hold(started[-1].pid)
            for service, process in zip(services, started, strict=True):
                _wait(service, process, logs, ready_s)
                tell(f"{service.name}: ready at {service.page}")
            yield started
        finally:
            stop(started)
            hold(leash.DONE)  # where a second Ctrl-C cuts the stop short, the leash ends what is left


@contextmanager
def _leash() -> Iterator[Callable[[int | str], None]]:
    """Takes process groups that end with this block or this process, unless it is told that they have."""
    watcher = subprocess.Popen(
        (sys.executable, "-I", leash.__file__), stdin=subprocess.PIPE, bufsize=0, start_new_session=True
    )
    with watcher, watcher.stdin as told:  # type: ignore[union-attr]

        def tell(line: int | str) -> None:
            with suppress(BrokenPipeError):  # somebody killed the leash: services end as they did without one
                told.write(f"{line}\n".encode())  # type: ignore[union-attr]

        yield tell


def _start(service: Service, logs: Path) -> subprocess.Popen[bytes]:
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / f"{service.name}.log").open("ab") as log:
        return subprocess.Popen(
            service.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **dict(service.environment)},
            start_new_session=True,
        )


def _wait(service: Service, process: subprocess.Popen[bytes], logs: Path, ready_s: float) -> None:
    until = time.monotonic() + ready_s
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        if is_ready(service.probe):
            return
        time.sleep(POLL_S)
    path = logs / f"{service.name}.log"
    end = "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
    what = "ended" if process.poll() is not None else f"did not answer within {ready_s:.0f} s"
    raise ServiceError(f"{service.name} {what}; the end of {path}:\n{end}")


def is_ready(address: str) -> bool:
    """True when the address answers, and not with an error."""
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except OSError:
        return False


def free_port() -> int:
    """A port on loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_taken(host: str, port: int) -> bool:
    """True when something listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.settimeout(2)
        return probe.connect_ex((host, port)) == 0


def stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """End each process and what it started: SIGTERM, and SIGKILL for what is left after a while."""
    for process in processes:
        _signal(process, signal.SIGTERM)
    until = time.monotonic() + leash.STOP_S
    for process in processes:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)
            process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
