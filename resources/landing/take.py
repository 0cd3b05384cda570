"""One item taken: its bytes staged under their hash, and the ledger told, in this order."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from mlops_assets.spec import Landing
from resources.failpoint import reach
from resources.lake import Lake, Staged, TooManyBytesError, UnreadableError
from resources.landing.item import ChangedError, Item, RefusedError, Source
from resources.landing.names import shown
from resources.state import ledger
from resources.state.database import State
from resources.state.sightings import Outcome, Sighting, move_cursor, record_sighting


@dataclass(frozen=True)
class Place:
    """One source of one use case, and where what it gives is kept."""

    use_case: str
    rules: Landing
    kind: Source
    label: str
    lake: Lake
    state: State


def sighting(
    place: Place, item: Item, outcome: Outcome, reason: str | None, now: datetime, key: str | None = None
) -> Sighting:
    """What came of a look at an item."""
    return Sighting(place.use_case, place.label, shown(item.name), item.marker, outcome, reason, key, now)


def take(place: Place, item: Item, now: datetime) -> Sighting:
    """What came of the item, written to the ledger.

    Raises
    ------
    LakeError
        If the lake cannot take the bytes; source and ledger are as before, and the next look tries again.
    """
    try:
        with place.kind.open_item(item) as stream:
            limit = place.rules.bytes_max
            staged = place.lake.stage(stream, place.use_case, limit, check=lambda: place.kind.check_item(item))
    except ChangedError as error:
        return keep(place, sighting(place, item, "growing", str(error), now))
    except TooManyBytesError as error:
        return keep(place, sighting(place, item, "refused", f"it has {error}", now))
    except (RefusedError, UnreadableError) as error:
        return keep(place, sighting(place, item, "refused", str(error), now))
    reach("staged")
    try:
        with place.state.write() as connection:
            found = _enter(connection, place, item, staged, now)
            reach("recording")
    except sa.exc.IntegrityError:
        # Another scan, in another process, entered the same bytes or the same look a moment ago.
        return sighting(place, item, "duplicate", "another scan was first", now)
    reach("recorded")
    return found


def keep(place: Place, found: Sighting) -> Sighting:
    """The sighting, written to the ledger."""
    with place.state.write() as connection:
        record_sighting(connection, found)
    return found


def _enter(connection: sa.Connection, place: Place, item: Item, staged: Staged, now: datetime) -> Sighting:
    found = _judge(connection, place, item, staged, now)
    record_sighting(connection, found)
    if item.cursor is not None:
        move_cursor(connection, place.use_case, place.label, item.cursor, now)
    return found


def _judge(connection: sa.Connection, place: Place, item: Item, staged: Staged, now: datetime) -> Sighting:
    name, rules = shown(item.name), place.rules
    same_bytes = ledger.known_bytes(connection, place.use_case, staged.sha256)
    same_name = ledger.known_name(connection, place.use_case, place.label, name)
    touched = any(batch.sha256 == staged.sha256 for batch in same_name)
    if same_bytes and (touched or rules.same_bytes == "skip"):
        first = same_bytes[0]
        return sighting(place, item, "duplicate", f"same bytes as {first.name!r}", now, first.key)
    if same_name and rules.same_name == "refuse":
        reason = f"its name belongs to batch {same_name[0].key}, and landing.same_name is 'refuse'; rename it"
        return sighting(place, item, "refused", reason, now)
    batch = ledger.record_batch(
        connection,
        use_case=place.use_case,
        sha256=staged.sha256,
        source=place.label,
        name=name,
        size_bytes=staged.size_bytes,
        landed_at=now,
        copy=len(same_bytes),
    )
    return sighting(place, item, "new", None, now, batch.key)
