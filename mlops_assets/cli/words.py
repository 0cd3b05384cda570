"""Small words of what the commands say."""

import shlex
from pathlib import Path


def counted(count: int, noun: str, nouns: str | None = None) -> str:
    """So many of a thing: '1 batch', '2 batches'.

    Examples
    --------
    >>> counted(1, "feature"), counted(1200, "batch", "batches")
    ('1 feature', '1,200 batches')
    """
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def quoted(path: Path) -> str:
    """A path as a shell takes it, blanks and all."""
    return shlex.quote(str(path))
