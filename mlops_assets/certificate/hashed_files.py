"""The files of a copy of a home, each hashed once."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath


@dataclass
class HashedFiles:
    """A use case's folder of certificates, and the home that it lies in."""

    folder: Path
    home: Path
    hashes: dict[Path, str | None] = field(default_factory=dict)
    told: set[tuple[Path, str]] = field(default_factory=set)

    def digest(self, path: Path) -> str | None:
        """SHA-256 of a file; None when it is not there."""
        if path not in self.hashes:
            self.hashes[path] = _digest(path) if path.is_file() else None
        return self.hashes[path]

    def compare(self, base: Path, path: str, due: str, by: str) -> Iterator[str]:
        """A sentence where the file at `path` below `base` is not the one that `by` names; once a file and hash."""
        if not is_inside(path):
            yield f"{by}: {path!r} is no path below its folder"
            return
        found = self.digest(base / path)
        if found != due and (base / path, due) not in self.told:
            self.told.add((base / path, due))
            yield f"{path}: SHA-256 {due} is due ({by}), found {found or 'no such file'}"


def is_inside(path: str) -> bool:
    """True where a path cannot lead out of the folder it is relative to."""
    pure = PurePosixPath(path)
    return not pure.is_absolute() and ".." not in pure.parts and "\0" not in path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
