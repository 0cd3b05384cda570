"""A database for the prediction log, processes that log into it, and what is left in it."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parent))

import log_child
from patience import PATIENCE_S, wait_until

from resources.state import tables
from resources.state.database import State, metadata
from resources.state.predictions import predictions

assert tables.predictions  # every table stands on `metadata`
CHILD = [sys.executable, log_child.__file__]


def make_database(path: Path) -> str:
    """Address of a new database without rows."""
    state = State(f"sqlite:///{path}")
    metadata.create_all(state.engine)
    state.close()
    return state.url


class Child:
    """A process whose lines are read as they come."""

    def __init__(self, command: list[str]) -> None:
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.append(line.decode().strip())

    def told(self, word: str) -> list[str]:
        return [line.removeprefix(word).strip() for line in list(self.lines) if line.startswith(word)]

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def end(self) -> int:
        """Close its standard input and wait for it; its exit code."""
        self.process.stdin.close()
        code = self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        self.process.stdout.close()
        return code


@contextmanager
def started(*command: str) -> Iterator[Child]:
    child = Child(list(command))
    try:
        yield child
    finally:
        if child.process.poll() is None:
            child.kill()


def wait_for_more(found: list[Any], count: int) -> None:
    """Return when so many more were found."""
    wanted = len(found) + count
    wait_until(lambda: len(found) >= wanted)


def stored(url: str) -> list[str]:
    """Ids of all rows."""
    state = State(url)
    with state.read() as connection:
        found = list(connection.execute(sa.select(predictions.c.prediction_id)).scalars())
    state.close()
    return found


def integrity(url: str) -> str:
    """What SQLite says of the file; `ok` when it is whole."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone()[0]
