"""What the router keeps for documents: the lake, and for each use case that reads documents its queue."""

import threading
from collections.abc import Callable

from mlops_assets.ocr.read import Reader, ReaderStats
from mlops_assets.spec import UseCase
from mlops_assets.spec.documents import Reading
from resources.lake import Lake
from serving.documents import counts
from serving.documents.reading_queue import DocumentReader, ReadingQueue
from serving.errors import BadRequestError, UnknownNameError


class Documents:
    """The lake and the queues of one process.

    Parameters
    ----------
    open_reader : callable
        Gives the reader of a use case; its children start when the first document comes.
    """

    def __init__(
        self,
        use_cases: dict[str, UseCase],
        lake: Lake,
        open_reader: Callable[[Reading], DocumentReader] = Reader,
    ) -> None:
        self.lake = lake
        readings = {name: reading_of(use_case) for name, use_case in use_cases.items()}
        self.queues = {
            name: ReadingQueue(reading, open_reader) for name, reading in readings.items() if reading is not None
        }
        self._use_cases = use_cases
        self._told: dict[str, ReaderStats] = {}
        self._beating = threading.Lock()
        self.bytes_max = max((reading.bytes_max for reading in readings.values() if reading is not None), default=0)

    def use_case(self, name: str | None) -> tuple[UseCase, Reading]:
        """The use case of a name and how it reads; without a name the only one that reads documents.

        Raises
        ------
        UnknownNameError, BadRequestError
            If no use case has the name; if it reads no documents, or the name is missing and not one only does.
        """
        if name is None:
            if len(self.queues) != 1:
                named = ", ".join(sorted(self.queues)) or "none does"
                raise BadRequestError(f"name a use case that reads documents with use_case: {named}")
            name = next(iter(self.queues))
        if name not in self._use_cases:
            raise UnknownNameError(f"use case {name!r} is unknown; reading documents: {', '.join(sorted(self.queues))}")
        use_case = self._use_cases[name]
        reading = reading_of(use_case)
        if reading is None:
            raise BadRequestError(f"{name} reads no documents; these do: {', '.join(sorted(self.queues)) or 'none'}")
        return use_case, reading

    def beat(self) -> None:
        """Tell the metrics what the readers hold and did."""
        with self._beating:
            for name, queue in self.queues.items():
                stats = queue.stats()
                if stats is not None:
                    counts.beat(name, stats, self._told.get(name, ReaderStats()))
                    self._told[name] = stats

    def waiting(self) -> int:
        """Documents that wait for their turn."""
        return sum(queue.waiting() for queue in self.queues.values())

    def close(self) -> None:
        """End all children."""
        for queue in self.queues.values():
            queue.close()


def reading_of(use_case: UseCase) -> Reading | None:
    """How a use case reads documents, None where it reads tables."""
    return use_case.format if isinstance(use_case.format, Reading) else None
