"""How the traffic of each use case is split: one row per use case, changed under its lock by compare-and-set.

The salt is drawn once and stored, so that a unit keeps its bucket over restarts, processes and machines. Another
split in force opens a new phase: evidence about the split itself (counts per arm) is comparable only within one.
"""

import secrets
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from mlops_assets import spec
from mlops_assets.spec import UseCase
from resources.state import audit
from resources.state.conflict import ConflictError
from resources.state.database import UtcTime, metadata
from resources.state.experiment import Kind, resumed, split_due
from resources.state.experiment import Routing as Routing
from resources.state.watch import watch_budget

SALT_BYTES = 16
BY_FILE, BY_RAMP, BY_WATCH = "spec", "ramp", "watch"
SHOWN = ("kind", "split_b", "ab_split_b", "ramp", "paused", "challenger", "version", "phase")

routing = sa.Table(
    "routing",
    metadata,
    sa.Column("use_case", sa.String(64), primary_key=True),
    sa.Column("split_b", sa.Float, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("salt", sa.String(64), nullable=False),
    sa.Column("phase", sa.Integer, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.Column("by", sa.String(128), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("ab_split_b", sa.Float, nullable=False),
    sa.Column("ramp", sa.JSON, nullable=False),
    sa.Column("ramp_started_at", UtcTime),
    sa.Column("paused_at", UtcTime),
    sa.Column("challenger", sa.Integer),
    sa.Column("watched", sa.Boolean, nullable=False),
    sa.Column("from_file", sa.JSON(none_as_null=True)),
)


@dataclass(frozen=True)
class Wanted:
    """What to change; None leaves a thing as it is."""

    ab_split_b: float | None = None
    kind: Kind | None = None
    ramp: list[dict[str, float]] | None = None
    paused: bool | None = None


def read_routing(connection: sa.Connection, use_case: str) -> Routing | None:
    """The routing of a use case; None before it was opened."""
    return read_routings(connection, [use_case]).get(use_case)


def read_routings(connection: sa.Connection, use_cases: list[str], *, lock: bool = False) -> dict[str, Routing]:
    """The routing of each use case that was opened; `lock`: nobody else changes them in this transaction.

    SQLite locks the whole database for a transaction that may write, and has no locks on rows.
    """
    query = sa.select(routing).where(routing.c.use_case.in_(use_cases))
    rows = connection.execute(query.with_for_update() if lock else query).mappings()
    return {row["use_case"]: Routing(**row) for row in rows}


def open_routing(connection: sa.Connection, use_case: UseCase, *, at: datetime) -> Routing:
    """The routing of a use case: created as its file says, with a fresh salt, when there is none yet.

    What the file says otherwise than when it was last read is applied once, key by key; what somebody changed since
    holds until the file changes that key again.
    """
    found = read_routings(connection, [use_case.name], lock=True).get(use_case.name)
    return _follow_file(connection, use_case, found or _create(connection, use_case, at), at)


def change_routing(
    connection: sa.Connection, use_case: UseCase, wanted: Wanted, *, expected: int | None, at: datetime, by: str
) -> Routing:
    """The routing after a change; what is so already changes nothing. `expected` None: whatever version there is.

    Raises
    ------
    ConflictError
        If the version is not `expected` any more, or the routing was never opened.
    ValueError
        If the use case's file could not say what is wanted; the sentence names the key.
    """
    found = read_routings(connection, [use_case.name], lock=True).get(use_case.name)
    if found is None or expected not in (None, found.version):
        raise _conflict(use_case.name, expected, found)
    return _change(connection, use_case, found, wanted, at=at, by=by)


def meet_challenger(connection: sa.Connection, use_case: str, challenger: int, *, at: datetime) -> Routing:
    """The routing after a version came under test: a ramp that was for another one begins again.

    A champion that was replaced and is watched answers nobody.
    """
    found = read_routings(connection, [use_case], lock=True)[use_case]
    watched = watch_budget(connection, use_case, challenger) is not None
    if (found.challenger, found.watched) == (challenger, watched):
        return found
    met = replace(found, challenger=challenger, watched=watched)
    if watched or found.watched:
        began = None if watched else at
        return _write(
            connection, found, replace(met, ramp_started_at=began), at=at, by=BY_WATCH if watched else BY_RAMP
        )
    if found.kind != "canary":
        return _keep(connection, met)
    return _write(connection, found, replace(met, ramp_started_at=at), at=at, by=BY_RAMP)


def advance_ramp(connection: sa.Connection, use_case: str, *, at: datetime) -> Routing:
    """The routing after the step that is due; a clock that went back, or one that is behind, takes none back."""
    found = read_routings(connection, [use_case], lock=True)[use_case]
    if found.kind != "canary" or split_due(found, at) <= found.split_b:
        return found
    return _write(connection, found, found, at=at, by=BY_RAMP)


def _create(connection: sa.Connection, use_case: UseCase, at: datetime) -> Routing:
    file, salt = _file(use_case), secrets.token_hex(SALT_BYTES)
    values = {"kind": file["kind"], "ab_split_b": file["split_b"], "ramp": file["ramp"], "from_file": file}
    first = Routing(use_case.name, 0.0, 1, salt, 1, at, BY_FILE, **values)
    connection.execute(_insert_once(connection).values(_row(replace(first, split_b=split_due(first, at)))))
    return read_routings(connection, [use_case.name], lock=True)[use_case.name]


def _follow_file(connection: sa.Connection, use_case: UseCase, found: Routing, at: datetime) -> Routing:
    file = _file(use_case)
    # A row of version 0.1 does not remember its file, which could name nothing but a split.
    seen = found.from_file or {"kind": found.kind, "split_b": file["split_b"], "ramp": found.ramp}
    new = {key: value for key, value in file.items() if value != seen[key]}
    if found.kind == "shadow" and not use_case.routing.paired:
        new["kind"] = file["kind"]  # a shadow that scores nothing
    if found.from_file != file:
        found = _keep(connection, found, from_file=file)
    wanted = Wanted(new.get("split_b"), new.get("kind"), new.get("ramp"))
    return _change(connection, use_case, found, wanted, at=at, by=BY_FILE)


def _change(
    connection: sa.Connection, use_case: UseCase, found: Routing, wanted: Wanted, *, at: datetime, by: str
) -> Routing:
    after = found
    if wanted.paused is not None and wanted.paused != found.paused:
        after = replace(after, paused_at=at if wanted.paused else None, ramp_started_at=resumed(after, at))
    if wanted.kind is not None and wanted.kind != found.kind:
        begins = wanted.kind == "canary" and found.challenger is not None
        after = replace(after, kind=wanted.kind, ramp_started_at=at if begins else None)
    if wanted.ab_split_b is not None:
        after = replace(after, ab_split_b=float(wanted.ab_split_b))
    if wanted.ramp is not None:
        after = replace(after, ramp=wanted.ramp)
    if after == found:
        return found
    _check(use_case, after)
    return _write(connection, found, after, at=at, by=by)


def _write(connection: sa.Connection, before: Routing, after: Routing, *, at: datetime, by: str) -> Routing:
    """The next version, kept with its audit row; another split in force, or another challenger, opens a phase."""
    split_b = split_due(after, at)
    opens = split_b != before.split_b or after.challenger != before.challenger
    phase = before.phase + 1 if opens else before.phase
    after = replace(after, split_b=split_b, version=before.version + 1, phase=phase, updated_at=at, by=by)
    before_shown, after_shown = ({name: getattr(one, name) for name in SHOWN} for one in (before, after))
    audit.record(connection, audit.Change(by, "config", at, after.use_case, before_shown, after_shown))
    return _keep(connection, after)


def _keep(connection: sa.Connection, value: Routing, **noted: Any) -> Routing:
    """Write the row, which is locked; `noted` is what the system remembers for itself, no change of the routing."""
    value = replace(value, **noted)
    connection.execute(routing.update().where(routing.c.use_case == value.use_case).values(_row(value)))
    return value


def _row(value: Routing) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _file(use_case: UseCase) -> dict[str, Any]:
    """What the file says about routing, as it is kept in JSON."""
    return use_case.routing.model_dump(mode="json", include={"kind", "split_b", "ramp"})


def _check(use_case: UseCase, value: Routing) -> None:
    """Refuse what the file could not say either."""
    said = {"kind": value.kind, "split_b": value.ab_split_b, "ramp": value.ramp, "paired": use_case.routing.paired}
    try:
        spec.Routing.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        where = f"{key}: {first['input']!r}: " if key else ""
        raise ValueError(f"routing of {use_case.name!r}: {where}{message}") from error


def _insert_once(connection: sa.Connection) -> Any:
    """An insert that leaves a row of a faster process alone."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_postgresql

        return insert_postgresql(routing).on_conflict_do_nothing()
    return sa.insert(routing)


def _conflict(use_case: str, expected: int | None, found: Routing | None) -> ConflictError:
    state = f"at version {found.version} with split_b {found.split_b}" if found else "not open yet"
    return ConflictError(f"routing of {use_case!r}: expected version {expected}, it is {state}; read it again")
