"""Files below an address that a pattern names; `**` reaches through folders."""

import re

import fsspec

from mlops_assets.spec import Glob, UseCase
from resources.landing.files import check_file, local_root, open_file
from resources.landing.item import Item, Listing, Source
from resources.landing.local import local_item, walk
from resources.landing.names import is_ignored
from resources.landing.remote import remote_item

MAGIC = re.compile(r"[*?\[]")


def list_glob(source: Glob, use_case: UseCase, address: str, after: str | None) -> Listing:
    """Files below `address` whose name fits what stands behind it in the pattern."""
    fits = re.compile(_expression(source.pattern.removeprefix(address).lstrip("/")))
    items = [item for item in _items(address) if fits.fullmatch(item.name)]
    return Listing([item for item in items if not is_ignored(item.name)], sum(is_ignored(i.name) for i in items))


def fixed_part(pattern: str) -> str:
    """The address in front of the first part that holds a wildcard: all that is listed lies below it."""
    parts = pattern.split("/")
    count = next((number for number, part in enumerate(parts) if MAGIC.search(part)), len(parts) - 1)
    return "/".join(parts[:count]) or ("/" if pattern.startswith("/") else ".")


def _items(address: str) -> list[Item]:
    root = local_root(address)
    if root is not None:
        found = walk(root, deep=True) if root.is_dir() else ()
        return [local_item(root, name, status) for name, status in found]
    filesystem, base = fsspec.core.url_to_fs(address)
    return [remote_item(address, base, facts) for facts in filesystem.find(base, detail=True).values()]


def _expression(pattern: str) -> str:
    """Regular expression of a glob pattern: `**/` any folders or none, `*` and `?` within one name."""
    steps = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern)
    return "".join(steps.get(piece, piece if piece.startswith("[") else re.escape(piece)) for piece in pieces)


GLOB = Source(list_glob, open_file, check_file)
