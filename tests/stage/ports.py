"""Ports for what a test starts in a process of its own, each given to one test only."""

import fcntl
import os
import socket
import tempfile
from pathlib import Path
from typing import IO

FIRST, LAST = 20_000, 30_000  # below the range from which the system takes ports by itself
_reserved: list[IO[bytes]] = []


def free_port() -> int:
    """A port on loopback that nothing listens on, and that no other test gets until this process ends."""
    folder = Path(tempfile.gettempdir()) / f"ports-of-tests-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    return next(port for port in range(FIRST, LAST) if _reserve(folder / f"{port}") and _is_free(port))


def _reserve(path: Path) -> bool:
    """True when no living process holds the file; from then on this one does."""
    file = path.open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    _reserved.append(file)
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
