"""Where a reader tells how far it is: readers of scans take minutes."""

from collections.abc import Callable

Progress = Callable[[str], None]


def silent(sentence: str) -> None:
    """Tell nobody."""
