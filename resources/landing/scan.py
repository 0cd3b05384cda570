"""One look at the sources of a use case: what is whole is staged and entered in the ledger, the rest is explained."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from mlops_assets.spec import Folder, Glob, Landing, Sql, UseCase
from resources.lake import Lake
from resources.landing import SOURCES
from resources.landing.glob import fixed_part
from resources.landing.item import Item, Listing, RefusedError
from resources.landing.names import shown
from resources.landing.take import Place, keep, sighting, take
from resources.settings import Settings
from resources.state.database import State
from resources.state.sightings import Sighting, read_cursor, seen


@dataclass(frozen=True)
class Scan:
    """What one look found.

    Parameters
    ----------
    keys : tuple of str
        Batches that are new in the ledger, oldest first.
    refusals : tuple of str
        A sentence for each file refused at this look, and for each source that could not be listed.
    seen, known, duplicates, growing, waiting, ignored : int
        Files listed; looked at before; whose bytes are a known batch; still written; left for the next look because
        runs_per_tick were read; passed over for their name.
    """

    keys: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    seen: int = 0
    known: int = 0
    duplicates: int = 0
    growing: int = 0
    waiting: int = 0
    ignored: int = 0

    @property
    def sentence(self) -> str:
        """The counts in words, those of zero left out."""
        counts = {
            "new": len(self.keys),
            "known": self.known,
            "with known bytes": self.duplicates,
            "still growing": self.growing,
            "waiting for the next look": self.waiting,
            "refused": len(self.refusals),
        }
        shown_counts = [f"{count} {what}" for what, count in counts.items() if count]
        hidden = f"; {self.ignored} hidden or temporary" if self.ignored else ""
        sentences = [f"{self.seen} file(s) seen: {', '.join(shown_counts) or 'nothing to do'}{hidden}"]
        return ". ".join([*sentences, *self.refusals])


READ = ("new", "duplicate")


@dataclass(frozen=True)
class Look:
    """One file and what came of it: the outcome of its sighting, or 'known' or 'waiting'."""

    name: str
    outcome: str
    reason: str | None = None
    key: str | None = None


def scan(use_case: UseCase, settings: Settings, state: State, clock: Callable[[], datetime]) -> Scan:
    """Look once at every source of a use case.

    At most runs_per_tick files are read, so that a look stays short when thousands land at once.

    Raises
    ------
    LakeError
        If the lake cannot take a batch, for want of space for instance; the file stays where it is.
    """
    looks: list[Look] = []
    failed: list[str] = []
    ignored = 0
    lake = Lake(settings.lake_root)
    for source in use_case.landing.sources:
        place = Place(use_case.name, use_case.landing, SOURCES[source.kind], source_label(source), lake, state)
        try:
            listing = _list(place, source, use_case, settings)
        except (RefusedError, OSError) as error:
            failed.append(f"source {place.label!r}: {error}")
            continue
        ignored += listing.ignored
        room = use_case.landing.runs_per_tick - sum(look.outcome in READ for look in looks)
        looks += _look(place, listing.items, clock(), room)
    return _summary(looks, failed, ignored)


def source_label(source: Folder | Glob | Sql) -> str:
    """What the ledger calls a source: without passwords, and the same wherever the home lies."""
    if isinstance(source, Sql):
        return f"sql {hashlib.sha256(f'{source.url} {source.query}'.encode()).hexdigest()[:12]}"
    where = source.path if isinstance(source, Folder) else source.pattern
    return f"{source.kind} {where}" if where else source.kind


def settled(item: Item, before: Sighting | None, now: datetime, quiet_s: float) -> bool:
    """True when nothing was written to the item for `quiet_s`.

    Its own time says so where it lies that far in the past. Where it does not, because the writer is busy or the clocks
    disagree, two looks that far apart must have seen the same state.
    """
    if item.content is not None:
        return True
    if item.modified is not None and now.timestamp() - item.modified >= quiet_s:
        return True
    return before is not None and (now - before.seen_at).total_seconds() >= quiet_s


def _list(place: Place, source: Folder | Glob | Sql, use_case: UseCase, settings: Settings) -> Listing:
    with place.state.read() as connection:
        after = read_cursor(connection, place.use_case, place.label)
    return place.kind.list_items(source, use_case, _address(source, use_case, settings), after)


def _address(source: Folder | Glob | Sql, use_case: UseCase, settings: Settings) -> str:
    if isinstance(source, Folder):
        return source.path or f"{settings.landing_root.rstrip('/')}/{use_case.name}"
    return fixed_part(source.pattern) if isinstance(source, Glob) else ""


def _look(place: Place, items: list[Item], now: datetime, room: int) -> Iterator[Look]:
    """Each item's outcome, oldest item first; the ledger's numbers then keep this order for good."""
    with place.state.read() as connection:
        past = seen(connection, place.use_case, place.label)
    for item in sorted(items, key=lambda item: (item.modified or 0.0, item.name)):
        before = past.get((shown(item.name), item.marker))
        look = _outcome(place, item, before, now, room)
        room -= look.outcome in READ
        yield look


def _outcome(place: Place, item: Item, before: Sighting | None, now: datetime, room: int) -> Look:
    name = shown(item.name)
    if before is not None and before.outcome != "growing":
        return Look(name, "known", key=before.key)
    reason = item.refused or _size_refusal(item, place.rules)
    if reason is not None:
        return _of(keep(place, sighting(place, item, "refused", reason, now)))
    if not settled(item, before, now, place.rules.quiet_s):
        if before is None or now < before.seen_at:  # the clock went back: wait the whole span again
            keep(place, sighting(place, item, "growing", None, now))
        return Look(name, "growing")
    if item.size_bytes == 0:
        return _of(keep(place, sighting(place, item, "refused", "is empty", now)))
    return _of(take(place, item, now)) if room > 0 else Look(name, "waiting")


def _size_refusal(item: Item, rules: Landing) -> str | None:
    if item.size_bytes <= rules.bytes_max:
        return None
    return f"has {item.size_bytes} bytes, landing.bytes_max is {rules.bytes_max}; cut it, or raise the limit"


def _of(found: Sighting) -> Look:
    return Look(found.name, found.outcome, found.reason, found.key)


def _summary(looks: list[Look], failed: list[str], ignored: int) -> Scan:
    counts = Counter(look.outcome for look in looks)
    return Scan(
        keys=tuple(look.key for look in looks if look.outcome == "new" and look.key is not None),
        refusals=(*failed, *(f"{look.name!r} refused: {look.reason}" for look in looks if look.outcome == "refused")),
        seen=len(looks),
        known=counts["known"],
        duplicates=counts["duplicate"],
        growing=counts["growing"],
        waiting=counts["waiting"],
        ignored=ignored,
    )
