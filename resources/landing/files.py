"""Files wherever they are: a local disk without following links, any other store by fsspec."""

from pathlib import Path
from typing import BinaryIO

import fsspec
from fsspec.implementations.local import LocalFileSystem

from resources.landing.item import Item
from resources.landing.local import check_local, open_local
from resources.landing.remote import check_remote, open_remote


def local_root(address: str) -> Path | None:
    """The folder of a local address, None when the address is of another store."""
    filesystem, path = fsspec.core.url_to_fs(address)
    return Path(path) if isinstance(filesystem, LocalFileSystem) else None


def open_file(item: Item) -> BinaryIO:
    """The bytes of an item as a stream."""
    return open_remote(item) if local_root(item.address) is None else open_local(item)


def check_file(item: Item) -> None:
    """Raise ChangedError when the item is no longer what was listed."""
    check = check_remote if local_root(item.address) is None else check_local
    check(item)
