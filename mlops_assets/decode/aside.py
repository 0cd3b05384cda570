"""What a reader has beside the bytes: one of scans takes minutes, so it tells how far it is and keeps what it read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

Progress = Callable[[str], None]


def silent(sentence: str) -> None:
    """Tell nobody."""


class KeptReadings(Protocol):
    """What OCR read before, as `ocr.document.Document.to_dict` has it, by the scan's hash and the edition of OCR."""

    def find(self, sha256: str, edition: str) -> dict[str, Any] | None:
        """A reading, None where there is none."""
        ...

    def keep(self, sha256: str, edition: str, plain: dict[str, Any]) -> None:
        """Keep a reading, whole or not at all."""
        ...


@dataclass(frozen=True)
class Aside:
    """Whom a reader tells how far it is, and where it keeps its readings; None keeps nothing."""

    progress: Progress = silent
    kept: KeptReadings | None = None


ALONE = Aside()
