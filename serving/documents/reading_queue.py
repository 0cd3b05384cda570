"""Where documents wait for OCR: one is read at a time, few may wait, nobody waits long.

OCR of one document must hold up neither other predictions nor the worker's memory: it runs in a child process, and the
bytes of a document are fetched only when its turn has come.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Protocol

from mlops_assets.ocr.document import Document
from mlops_assets.ocr.read import ReaderStats
from mlops_assets.spec.documents import Reading
from serving.errors import BusyError

WAIT_S = 60.0  # for the turn; clients give up at about this time
USUAL_S = 3.0  # for one document, before the first was read
MEMORY = 0.2  # weight of the newest document in what is usual


class DocumentReader(Protocol):
    """What is asked of a reader; `mlops_assets.ocr.read.Reader` is one, tests have another."""

    def read(self, data: bytes, language: str | None = None) -> Document:
        """The words of a document; raises DocumentError."""

    def stats(self) -> ReaderStats:
        """Its children, and what they did."""

    def close(self) -> None:
        """End its children."""


class ReadingQueue:
    """The documents of one use case that wait, and the reader that reads them.

    Parameters
    ----------
    open_reader : callable
        Gives the reader; called when the first document comes.
    """

    def __init__(
        self, reading: Reading, open_reader: Callable[[Reading], DocumentReader], wait_s: float = WAIT_S
    ) -> None:
        self._reading = reading
        self._open_reader = open_reader
        self._wait_s = wait_s
        self._places = threading.BoundedSemaphore(1 + reading.waiting_max)
        self._turn = threading.Lock()
        self._door = threading.Lock()  # guards the three below
        self._inside = 0
        self._usual_s = USUAL_S
        self._reader: DocumentReader | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the turn; inside, a document may be read.

        Raises
        ------
        BusyError
            If too many wait, or the turn does not come in time.
        """
        if not self._places.acquire(blocking=False):
            raise self._busy()
        try:
            self._count(1)
            if not self._turn.acquire(timeout=self._wait_s):
                raise self._busy()
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._count(-1)
            self._places.release()

    def read(self, data: bytes, language: str | None) -> tuple[Document, float]:
        """The words of a document, and how many seconds reading took; to be called in a turn.

        Raises
        ------
        DocumentError
            As the reader does.
        """
        if self._reader is None:
            self._reader = self._open_reader(self._reading)
        began = time.perf_counter()
        document = self._reader.read(data, language)
        seconds = time.perf_counter() - began
        self._usual_s += MEMORY * (seconds - self._usual_s)
        return document, seconds

    def waiting(self) -> int:
        """Documents inside that are not being read."""
        return max(0, self._inside - 1)

    def stats(self) -> ReaderStats | None:
        """What the reader's children hold and did; None before the first document."""
        return self._reader.stats() if self._reader is not None else None

    def close(self) -> None:
        """End the children."""
        if self._reader is not None:
            self._reader.close()

    def _busy(self) -> BusyError:
        again_s = max(1, ceil(self._inside * self._usual_s))
        return BusyError(f"{self._inside} documents are read or wait already; try again in {again_s} s", again_s)

    def _count(self, change: int) -> None:
        with self._door:
            self._inside += change
