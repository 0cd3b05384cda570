"""A class that makes a folder when an object of it is restored, as a hostile file would do something worse."""

from pathlib import Path


class Marking:
    """Restoring it makes the folder `path`."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return mark, (self.path,)


class MarkingState:
    """The same by its state, as skops restores objects."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __getstate__(self) -> dict[str, str]:
        return {"path": self.path}

    def __setstate__(self, state: dict[str, str]) -> None:
        mark(state["path"])


def mark(path: str) -> None:
    """Make the folder."""
    Path(path).mkdir()
