"""Documents in the lake: the bytes at `<use_case>/documents/<sha256>`, what was read below `read/<sha256>` beside."""

import gzip
import json
from typing import Any, BinaryIO

from resources.lake import Lake, Staged

FOLDER, READ = "documents", "read"


def keep_bytes(lake: Lake, use_case: str, stream: BinaryIO, limit_bytes: int) -> Staged:
    """Hash and size of what a stream gives, kept under its hash, whole or not at all.

    Raises
    ------
    TooManyBytesError, UnreadableError, LakeError
        As `Lake.stage` does.
    """
    return lake.stage(stream, use_case, limit_bytes, folder=FOLDER)


def keep_words(lake: Lake, use_case: str, sha256: str, language: str, plain: dict[str, Any]) -> str:
    """The path, relative to the lake, of a document's words as `mlops_assets.ocr.Document.to_dict` gives them."""
    parts = (use_case, FOLDER, READ, sha256, f"{language}.json.gz")
    lake.write_bytes(gzip.compress(json.dumps(plain).encode("utf-8"), mtime=0), *parts)
    return "/".join(parts)


def read_words(lake: Lake, path: str) -> dict[str, Any]:
    """What `keep_words` kept at a path.

    Raises
    ------
    LakeError
        If it is gone.
    """
    found: dict[str, Any] = json.loads(gzip.decompress(lake.read_bytes(path)))
    return found


def forget(lake: Lake, use_case: str, sha256: str) -> None:
    """Take a document's bytes and words out of the lake."""
    for name in lake.names(use_case, FOLDER, READ, sha256):
        lake.remove(use_case, FOLDER, READ, sha256, name)
    lake.remove(use_case, FOLDER, sha256)
