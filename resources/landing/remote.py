"""Objects of a store that is not a local disk, behind fsspec."""

from datetime import datetime
from typing import Any, BinaryIO

import fsspec

from resources.landing.item import ChangedError, Item, RefusedError
from resources.landing.names import refusal

TAGS = ("ETag", "etag", "md5Hash", "content_md5", "VersionId")
TIMES = ("LastModified", "last_modified", "mtime", "modified", "updated", "created")


def remote_item(address: str, base: str, facts: dict[str, Any]) -> Item:
    """The item of one entry of a detailed listing; `base` is the path that `address` stands for."""
    name = str(facts["name"]).removeprefix(base).lstrip("/")
    folder = "is a folder; name it with a glob source" if facts.get("type") == "directory" else None
    return Item(
        name=name,
        size_bytes=int(facts.get("size") or 0),
        marker=_marker(facts),
        address=address,
        modified=_seconds(facts),
        refused=refusal(name) or folder,
    )


def open_remote(item: Item) -> BinaryIO:
    """The object as a stream."""
    filesystem, base = fsspec.core.url_to_fs(item.address)
    try:
        stream: BinaryIO = filesystem.open(f"{base.rstrip('/')}/{item.name}", "rb")
    except FileNotFoundError as error:
        raise ChangedError("it is gone") from error
    except PermissionError as error:
        raise RefusedError("may not be read; check the store's access rules") from error
    return stream


def check_remote(item: Item) -> None:
    """Raise ChangedError when the object is no longer what was listed."""
    filesystem, base = fsspec.core.url_to_fs(item.address)
    try:
        facts = filesystem.info(f"{base.rstrip('/')}/{item.name}")
    except FileNotFoundError as error:
        raise ChangedError("it was removed while it was read") from error
    if _marker(facts) != item.marker:
        raise ChangedError("it changed while it was read")


def _marker(facts: dict[str, Any]) -> str:
    tag = next((facts[key] for key in TAGS if facts.get(key)), "")
    return f"{facts.get('size')}:{tag}:{_seconds(facts)}"


def _seconds(facts: dict[str, Any]) -> float | None:
    value = next((facts[key] for key in TIMES if facts.get(key) is not None), None)
    if isinstance(value, datetime):
        return value.timestamp()
    return float(value) if isinstance(value, int | float) else None
