"""Documents read by child processes that are replaced before they grow: for services, and for one-off use."""

import queue
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from mlops_assets.ocr.document import Document
from mlops_assets.ocr.errors import DocumentError
from mlops_assets.ocr.kinds import check_kind
from mlops_assets.ocr.parent import Child
from mlops_assets.spec.documents import Reading


@dataclass(frozen=True)
class ReaderStats:
    """What a reader does and holds.

    Attributes
    ----------
    waiting, reading : int
        Documents that wait for a child, and that are read, now.
    rss_bytes : int
        Resident bytes of all children now.
    started, recycled, killed : int
        Children started, replaced for their age or size, and lost to a time-out or a crash, so far.
    documents, pages : int
        Read so far.
    """

    waiting: int = 0
    reading: int = 0
    rss_bytes: int = 0
    started: int = 0
    recycled: int = 0
    killed: int = 0
    documents: int = 0
    pages: int = 0


@dataclass
class _Place:
    """Where a child is or will be."""

    child: Child | None = None


def read_document(data: bytes, reading: Reading) -> Document:
    """The words of one document, by a child process of its own, which takes seconds to start: for one-off use.

    Raises
    ------
    DocumentError
        See there for every code.
    """
    with Reader(reading) as reader:
        return reader.read(data)


class Reader:
    """Reads documents for many threads by a few children; `with` closes it.

    Parameters
    ----------
    reading
        Limits, engines, and the language where `read` is given none.
    children : int
        How many documents are read at once; each child is started when it is first needed.
    """

    def __init__(self, reading: Reading, children: int = 1) -> None:
        self._reading = reading
        self._places = [_Place() for _ in range(children)]
        self._free: queue.LifoQueue[_Place] = queue.LifoQueue()
        for place in self._places:
            self._free.put(place)
        self._lock = threading.Lock()
        self._closed = False
        self._counts = dict.fromkeys(("waiting", "reading", "started", "recycled", "killed", "documents", "pages"), 0)

    def read(self, data: bytes, language: str | None = None) -> Document:
        """The words of one document; waits while every child is at work.

        Raises
        ------
        DocumentError
            See there for every code; 'busy' at once where waiting_max documents wait already.
        """
        reading = self._reading if language is None else in_language(self._reading, language)
        check_kind(data, reading)
        place = self._take()
        try:
            document = self._read(place, data, reading)
            self._count(documents=1, pages=len(document.pages))
            return document
        finally:
            self._give_back(place)

    def _read(self, place: _Place, data: bytes, reading: Reading) -> Document:
        """By the child of a place; by another one where somebody killed it meanwhile, once."""
        child = self._child(place)
        try:
            return child.read(data, reading)
        except DocumentError:
            if not child.was_killed:
                raise
        return self._child(place).read(data, reading)

    def _child(self, place: _Place) -> Child:
        if place.child is not None and not place.child.ready:
            self._drop(place.child, place)
        if place.child is None:
            place.child = self._start()
        return place.child

    def stats(self) -> ReaderStats:
        """Counts so far, and what waits, runs and is held now."""
        with self._lock:
            children = [place.child for place in self._places if place.child is not None]
            return ReaderStats(rss_bytes=sum(child.rss_bytes for child in children), **self._counts)

    def close(self) -> None:
        """End every child; documents being read end in DocumentError 'crashed', those that wait in 'busy'."""
        self._closed = True
        for place in self._places:
            if place.child is not None:
                place.child.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self) -> _Place:
        with self._lock:
            waiting = self._counts["waiting"]
            if not self._free.qsize() and waiting >= self._reading.waiting_max:
                sentence = f"{waiting} documents wait already, waiting_max allows no more; try again later"
                raise DocumentError("busy", sentence)
            self._counts["waiting"] += 1
        place = self._free.get()
        self._count(waiting=-1, reading=1)
        return place

    def _start(self) -> Child:
        if self._closed:
            raise DocumentError("busy", "the service that reads documents ends; try again later")
        self._count(started=1)
        try:
            return Child(self._reading)
        except OSError as error:
            sentence = f"no process that reads documents can be started: {error}; make room on this machine"
            raise DocumentError("engine_failed", sentence) from error

    def _give_back(self, place: _Place) -> None:
        child = place.child
        if child is not None and not child.ready:
            self._drop(child, place)
        elif child is not None and self._worn(child):
            self._drop(child, place, recycled=1)
        self._count(reading=-1)
        self._free.put(place)

    def _drop(self, child: Child, place: _Place, **counted: int) -> None:
        """End a child; counted as killed where nothing else is said."""
        child.kill()
        place.child = None
        self._count(**counted or {"killed": 1})

    def _worn(self, child: Child) -> bool:
        return child.pages >= self._reading.recycle_pages or child.rss_bytes > self._reading.recycle_mb * 2**20

    def _count(self, **changes: int) -> None:
        with self._lock:
            for name, change in changes.items():
                self._counts[name] += change


def in_language(reading: Reading, language: str) -> Reading:
    """The same reading in another language.

    Raises
    ------
    DocumentError
        unknown_language, where it is not even the name of one.
    """
    try:
        return Reading.model_validate({**reading.model_dump(), "language": language})
    except ValueError as error:
        raise DocumentError("unknown_language", f"'{language}' is not a language such as 'eng' or 'eng+deu'") from error
