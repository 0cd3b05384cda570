"""A model is tried in a process of its own before the router's process reads it: `python -m serving.probe FOLDER`.

A file whose hash is right may still hang, crash the interpreter, or ask for more memory than there is. The child sets
its own limits before it imports anything heavy, answers the golden rows, and writes one line of JSON; whatever else it
does ends it alone.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SHOWN = 500  # characters of a reason or of the child's last words
OUTPUT_BYTES = 2**20
NICE = 10  # requests come first
PASSED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG")  # no addresses, no secrets
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True)
class Limits:
    """What a child may use.

    Of the address space the libraries take 0.55 GiB: VmPeak after importing onnxruntime, pandas, scikit-learn, skops,
    lightgbm and xgboost with one thread each, measured 2026-11-21 on Linux; the rest is the model's.
    """

    memory_bytes: int = 3 * 2**30
    cpu_s: int = 60
    wall_s: int = 90


class ProbeError(RuntimeError):
    """A model that must not be served; the sentence says what it did."""


def probe(folder: Path, other_libraries: bool = False, limits: Limits = Limits()) -> None:
    """Return when the bundle of a folder loads and answers its golden rows, in a child.

    Parameters
    ----------
    other_libraries : bool
        Try it although its pipeline was written by other versions of the libraries.

    Raises
    ------
    ProbeError
        If it is refused, crashes, hangs, or passes a limit.
    """
    numbers = (limits.memory_bytes, limits.cpu_s, limits.wall_s, int(other_libraries))
    command = [sys.executable, "-m", "serving.probe", str(folder), *map(str, numbers)]
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | ONE_THREAD
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, env=environment, start_new_session=True
        )
        try:
            child.wait(limits.wall_s)
        except subprocess.TimeoutExpired as error:
            raise ProbeError(f"did not answer its golden rows within {limits.wall_s} s") from error
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        reason = _reason(child.returncode, _end(out), _end(errors))
    if reason:
        raise ProbeError(reason)


def _reason(code: int, said: str, errors: str) -> str:
    """Why the child's end is no pass; empty when it is one."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name} while it answered its golden rows{_quoted(errors)}"
    try:
        reason = json.loads(said)["reason"]
    except (ValueError, KeyError, TypeError):
        return f"ended with code {code} before it answered{_quoted(errors)}"
    return str(reason)


def _quoted(errors: str) -> str:
    return f"; its last words: {' '.join(errors.split())}" if errors.strip() else ""


def _end(file: IO[bytes]) -> str:
    file.seek(max(0, file.seek(0, os.SEEK_END) - 2 * SHOWN))
    return file.read().decode("utf-8", errors="replace")[-2 * SHOWN :]


def main(arguments: list[str]) -> int:
    """The child: limits first, then the bundle; one line of JSON on what was the standard output."""
    folder, (memory_bytes, cpu_s, wall_s, other_libraries) = Path(arguments[0]), map(int, arguments[1:])
    _limit(memory_bytes, cpu_s, wall_s)
    answer = os.dup(1)
    os.dup2(2, 1)  # a library that prints must not spoil the line
    reason = ""
    try:
        from mlops_assets.bundle.load import load_bundle

        load_bundle(folder, bool(other_libraries))
    except Exception as error:  # noqa: BLE001 - whatever a model raises is the reason that is told
        reason = f"{type(error).__name__}: {error}"[:SHOWN]
    os.write(answer, json.dumps({"reason": reason}).encode())
    return 1 if reason else 0


def _limit(memory_bytes: int, cpu_s: int, wall_s: int) -> None:
    os.nice(NICE)
    signal.alarm(wall_s)  # ends this process too when the one that waits for it was killed
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_FSIZE: OUTPUT_BYTES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in limits.items():
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
