"""A folder, or a prefix of a bucket: each file directly in it is a possible batch."""

from fnmatch import fnmatch

import fsspec

from mlops_assets.spec import Folder, UseCase
from resources.landing.files import check_file, local_root, open_file
from resources.landing.item import Item, Listing, Source
from resources.landing.local import local_item, walk
from resources.landing.names import is_ignored
from resources.landing.remote import remote_item


def list_folder(source: Folder, use_case: UseCase, address: str, after: str | None) -> Listing:
    """What lies directly in the folder; one that does not exist yet is empty."""
    items = _items(address)
    fitting = [item for item in items if fnmatch(item.name, source.pattern)]
    return Listing([item for item in fitting if not is_ignored(item.name)], sum(is_ignored(i.name) for i in fitting))


def _items(address: str) -> list[Item]:
    root = local_root(address)
    if root is not None:
        found = walk(root, deep=False) if root.is_dir() else ()
        return [local_item(root, name, status) for name, status in found]
    filesystem, base = fsspec.core.url_to_fs(address)
    entries = filesystem.ls(base, detail=True, refresh=True) if filesystem.exists(base) else []
    itself = base.strip("/")
    return [remote_item(address, base, facts) for facts in entries if facts["name"].strip("/") != itself]


FOLDER = Source(list_folder, open_file, check_file)
