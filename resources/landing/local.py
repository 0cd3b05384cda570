"""Local files: listed and opened without following a link, so that nothing outside the source is ever read."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from resources.landing.item import ChangedError, Item, RefusedError
from resources.landing.names import is_ignored, refusal

KINDS = (
    (stat.S_ISLNK, "is a link; put the file itself here"),
    (stat.S_ISDIR, "is a folder; name it with a glob source, or put its files here"),
    (stat.S_ISFIFO, "is a named pipe, not a file"),
    (stat.S_ISSOCK, "is a socket, not a file"),
)


def walk(root: Path, *, deep: bool) -> Iterator[tuple[str, os.stat_result]]:
    """Relative names and status of everything below `root`; folders are entered, never links, when `deep`."""
    waiting = [root]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                name = Path(entry.path).relative_to(root).as_posix()
                if deep and entry.is_dir(follow_symlinks=False):
                    if not is_ignored(name):
                        waiting.append(Path(entry.path))
                    continue
                try:
                    yield name, entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # renamed or removed between listing and look: the next listing shows what it became


def local_item(root: Path, name: str, status: os.stat_result) -> Item:
    """The item of one directory entry, refused unless it is a plain file with a harmless name."""
    return Item(
        name=name,
        size_bytes=status.st_size,
        marker="folder" if stat.S_ISDIR(status.st_mode) else _marker(status),
        address=str(root),
        modified=status.st_mtime,
        refused=refusal(name) or _kind_refusal(status),
    )


def open_local(item: Item) -> BinaryIO:
    """The file, opened step by step from the source so that no part of its path can be a link.

    Raises
    ------
    ChangedError
        If it is gone or is another file than the one listed.
    RefusedError
        If it is not a plain file, or may not be read.
    """
    try:
        descriptor = _open_below(Path(item.address), item.name)
    except FileNotFoundError as error:
        raise ChangedError("it is gone") from error
    except PermissionError as error:
        raise RefusedError("may not be read; give this user the right to read it") from error
    except OSError as error:
        raise RefusedError(f"cannot be opened: {error.strerror}") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or _marker(status) != item.marker:
        os.close(descriptor)
        raise ChangedError("it changed after it was listed")
    return os.fdopen(descriptor, "rb")


def check_local(item: Item) -> None:
    """Raise ChangedError when the file is no longer what was listed."""
    try:
        status = (Path(item.address) / item.name).lstat()
    except OSError as error:
        raise ChangedError("it was removed while it was read") from error
    if _marker(status) != item.marker:
        raise ChangedError("it changed while it was read")


def _open_below(root: Path, name: str) -> int:
    *folders, last = name.split("/")
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in folders:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        # Without O_NONBLOCK a pipe put in place of the file would hold the sensor until someone writes to it.
        return os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    finally:
        os.close(folder)


def _marker(status: os.stat_result) -> str:
    # The change time, which no user can set back, tells apart a file rewritten with its old size and time.
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"


def _kind_refusal(status: os.stat_result) -> str | None:
    for is_kind, reason in KINDS:
        if is_kind(status.st_mode):
            return reason
    return None if stat.S_ISREG(status.st_mode) else "is a device, not a file"
