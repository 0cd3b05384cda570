"""Where several processes keep their counts, so that any one of them can tell the sum.

Each process writes files of its own, named after a slot: the lowest number whose lock it could take. The kernel frees
the lock when the process ends, however it ends, and the next process goes on in the same files. So counts of the dead
stay, there are never more files than processes that ran at once, and nobody has to tell who died. Rejected: files named
after the process id, prometheus_client's own way; they grow in number with every worker that is started again.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from prometheus_client import Counter, multiprocess, values
from prometheus_client.metrics_core import Metric

SLOTS_MAX = 256  # four times the most workers that can be asked for
CHECK_S, CHECK_LOOK_S = 60.0, 0.01
CHECKERS = 2
COUNT_ONE = "from serving.metric_files import count_one; count_one({folder!r})"


class MetricsError(RuntimeError):
    """Counts of several processes would be wrong."""


def prepare(folder: Path) -> None:
    """Begin with no counts and prove that those of two processes add up; called once, before any worker starts.

    Raises
    ------
    MetricsError
        If another router counts in this folder, or the counts do not add up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(_held(lock) for lock in folder.glob("*.lock")):
        raise MetricsError(f"{folder}: another router counts there; stop it, or give this one its own port")
    shutil.rmtree(folder)
    trial = folder / "self-check"
    trial.mkdir(parents=True)
    _check(trial)
    shutil.rmtree(trial)


def claim(folder: Path) -> IO[str]:
    """Make every count of this process land in the first free slot; its lock, held until the process ends."""
    for slot in range(SLOTS_MAX):
        lock = (folder / f"{slot}.lock").open("w", encoding="utf-8")
        if _lock(lock):
            _write_to(folder, slot)
            return lock
        lock.close()
    raise MetricsError(f"{folder}: {SLOTS_MAX} processes count there already")


def _write_to(folder: Path, slot: int) -> None:
    multiprocess.mark_process_dead(slot, str(folder))  # type: ignore[no-untyped-call]
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue(lambda: slot)  # type: ignore[no-untyped-call, assignment, misc]


class Sum:
    """Collector of what all processes of a folder counted, the dead ones included; gauges of the living only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        """Every metric, summed."""
        _forget_dead(self._folder)
        # A file that is being made is empty for a moment.
        files = [str(file) for file in self._folder.glob("*.db") if file.stat().st_size > 0]
        yield from multiprocess.MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]


def _forget_dead(folder: Path) -> None:
    """Drop the gauges of slots that no process holds."""
    for path in folder.glob("*.lock"):
        with _free(path) as free:
            if free:
                multiprocess.mark_process_dead(path.stem, str(folder))  # type: ignore[no-untyped-call]


def _check(folder: Path) -> None:
    command = [sys.executable, "-c", COUNT_ONE.format(folder=str(folder))]
    running = [subprocess.Popen(command) for _ in range(CHECKERS)]
    ended = [one.wait(CHECK_S) for one in running]
    if any(ended):
        raise MetricsError("metrics: a process that only counts failed; its error stands above")
    found = sum(one.value for metric in Sum(folder).collect() for one in metric.samples)
    if found != CHECKERS:
        raise MetricsError(f"metrics: {CHECKERS} processes counted one each, but the sum is {found:g}")


def count_one(folder: str) -> None:
    """What a process of the self-check does: open its files, wait until the other one did, count one."""
    lock = claim(Path(folder))
    count = Counter("checks", "Of the self-check.", ("of",), registry=None).labels("start")
    (Path(folder) / f"{os.getpid()}.here").touch()
    until = time.monotonic() + CHECK_S
    while len(list(Path(folder).glob("*.here"))) < CHECKERS and time.monotonic() < until:
        time.sleep(CHECK_LOOK_S)
    count.inc()
    lock.close()


@contextmanager
def _free(path: Path) -> Iterator[bool]:
    """Whether no process holds a lock; nobody else can take it meanwhile."""
    with path.open("w", encoding="utf-8") as lock:
        yield _lock(lock)


def _held(path: Path) -> bool:
    with _free(path) as free:
        return not free


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
