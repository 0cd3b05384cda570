"""Documents in the lake: the bytes at `<use_case>/documents/<sha256>`, what was read below `read/<sha256>` beside."""

import gzip
import json
import zlib
from typing import Any, BinaryIO

from resources.lake import Lake, LakeError, Staged

FOLDER, READ = "documents", "read"


def keep_bytes(lake: Lake, use_case: str, stream: BinaryIO, limit_bytes: int) -> Staged:
    """Hash and size of what a stream gives, kept under its hash, whole or not at all.

    Raises
    ------
    TooManyBytesError, UnreadableError, LakeError
        As `Lake.stage` does.
    """
    return lake.stage(stream, use_case, limit_bytes, folder=FOLDER)


def keep_words(lake: Lake, use_case: str, sha256: str, name: str, plain: dict[str, Any]) -> str:
    """The path, relative to the lake, of a document's words as `mlops_assets.ocr.Document.to_dict` gives them.

    Parameters
    ----------
    name : str
        Of the reading: its language, or the edition of OCR.
    """
    parts = _words(use_case, sha256, name)
    lake.write_bytes(gzip.compress(json.dumps(plain).encode("utf-8"), mtime=0), *parts)
    return "/".join(parts)


def read_words(lake: Lake, path: str) -> dict[str, Any]:
    """What `keep_words` kept at a path.

    Raises
    ------
    LakeError
        If it is gone, or damaged.
    """
    try:
        found: dict[str, Any] = json.loads(gzip.decompress(lake.read_bytes(path)))
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise LakeError(f"{lake.path(path)} is damaged: {error}; have the document read again") from error
    return found


def has_words(lake: Lake, path: str) -> bool:
    """Whether what `keep_words` kept at a path is there, whole."""
    try:
        read_words(lake, path)
    except LakeError:
        return False
    return True


class BatchReadings:
    """Readings of the scans of batches, by their hash and the edition of OCR, as `decode.aside.KeptReadings` asks."""

    def __init__(self, lake: Lake, use_case: str) -> None:
        self._lake = lake
        self._use_case = use_case

    def find(self, sha256: str, edition: str) -> dict[str, Any] | None:
        """A reading, None where there is none, or a damaged one."""
        try:
            return read_words(self._lake, "/".join(_words(self._use_case, sha256, edition)))
        except LakeError:
            return None

    def keep(self, sha256: str, edition: str, plain: dict[str, Any]) -> None:
        """Keep a reading, whole or not at all."""
        keep_words(self._lake, self._use_case, sha256, edition, plain)


def _words(use_case: str, sha256: str, name: str) -> tuple[str, ...]:
    return use_case, FOLDER, READ, sha256, f"{name}.json.gz"


def forget(lake: Lake, use_case: str, sha256: str) -> None:
    """Take a document's bytes and words out of the lake."""
    for name in lake.names(use_case, FOLDER, READ, sha256):
        lake.remove(use_case, FOLDER, READ, sha256, name)
    lake.remove(use_case, FOLDER, sha256)
