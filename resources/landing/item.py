"""What a source offers: one item for each possible batch."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple


@dataclass(frozen=True)
class Item:
    """One possible batch at a source, as it was when listed.

    Parameters
    ----------
    name : str
        Path relative to the address of the source, or a made name for rows of a query.
    marker : str
        Changes whenever the content may have changed: size and times of a local file, the tag of an object.
    modified : float or None
        Seconds since 1970 of the last change; None where the store does not say.
    address : str
        Where the name starts from.
    refused : str or None
        Why it must not be read, known from the listing alone.
    content : bytes or None
        The bytes themselves, where listing has fetched them.
    cursor : str or None
        JSON of the value behind which the next fetch starts.
    """

    name: str
    size_bytes: int
    marker: str
    address: str
    modified: float | None = None
    refused: str | None = None
    content: bytes | None = None
    cursor: str | None = None


@dataclass(frozen=True)
class Listing:
    """Items of one source, and how many names were passed over because they are hidden or temporary."""

    items: list[Item]
    ignored: int = 0


class ChangedError(RuntimeError):
    """An item that is no longer what was listed; the next look sees what it has become."""


class RefusedError(RuntimeError):
    """An item that cannot be read, with the reason."""


class Source(NamedTuple):
    """One kind of source.

    list_items(source, use_case, address, after) lists what is there: `address` is where the source looks, `after` the
    JSON of the cursor kept for it. open_item(item) gives the bytes as a stream and raises ChangedError or RefusedError.
    check_item(item) raises ChangedError when the item changed while it was read.
    """

    list_items: Callable[[Any, Any, str, str | None], Listing]
    open_item: Callable[[Item], BinaryIO]
    check_item: Callable[[Item], None]


def open_content(item: Item) -> BinaryIO:
    """The bytes that came with the listing."""
    return io.BytesIO(item.content or b"")


def stays(item: Item) -> None:
    """Nothing to check: the bytes came with the listing."""
