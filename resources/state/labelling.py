"""Labels written: the row of a prediction, and its place in the order of evidence."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resources.state import traffic
from resources.state.blocks import delete_about, select_about
from resources.state.labels import labels
from resources.state.prediction import Arm, Value
from resources.state.predictions import predictions

LINE = 7_166_241  # names the line among PostgreSQL's advisory locks; any number that nobody else takes
COUNTED = ("source", "event_time", "received_at", "corrections", "duplicates")


@dataclass(frozen=True)
class Known:
    """What feedback must know of a prediction; `id` is its row, `asked_by` the id of the key that asked, if any."""

    id: int
    prediction_id: str
    use_case: str
    champion_version: int
    challenger_version: int | None
    arm: Arm
    phase: int
    at: datetime
    asked_by: str | None

    def is_open_to(self, key: str | None) -> bool:
        """True for the key that asked, and for None: somebody who may speak of any prediction."""
        return key is None or key == self.asked_by

    @property
    def version(self) -> int:
        """The version that answered."""
        by_challenger = self.arm == "B" and self.challenger_version is not None
        return int(self.challenger_version or 0) if by_challenger else self.champion_version


@dataclass(frozen=True)
class Label:
    """What follows from all events about one prediction.

    `source` and `event_time` are those of the event that counts. `received_at` is when its truth came first since
    another one did: told again it is no younger. `corrections` is the number of events that say another truth,
    `duplicates` of those that came again; `expired`: no event came in time.
    """

    truth: Value
    truth_key: str
    source: str
    event_time: datetime
    received_at: datetime
    corrections: int
    duplicates: int
    expired: bool


def stand_in_line(connection: sa.Connection) -> None:
    """Wait until no other transaction writes feedback; from here to the end of this one nobody else does.

    Call it before events are read. On SQLite every writing transaction is alone already. PostgreSQL would let two
    writers fold half the events each, and gives ids out before they are committed, which readers would notice.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LINE)))


def find_known(connection: sa.Connection, prediction_ids: Iterable[str]) -> dict[str, Known]:
    """Those of these predictions that are in the log."""
    columns = [predictions.c[name] for name in Known.__dataclass_fields__]
    found = select_about(connection, sa.select(*columns), predictions.c.prediction_id, prediction_ids)
    return {row.prediction_id: Known(**row._mapping) for row in found}


def write_labels(connection: sa.Connection, found: Mapping[str, Label], known: Mapping[str, Known]) -> list[str]:
    """Store what follows from the events; the prediction ids that count as labelled from now on."""
    before = {
        one.prediction_id: one for one in select_about(connection, sa.select(labels), labels.c.prediction_id, found)
    }
    moved = {one: label for one, label in found.items() if not _same_evidence(before.get(one), label)}
    delete_about(connection, labels.c.prediction_id, [one for one in moved if one in before])
    _insert(connection, [_row(known[one], label) for one, label in moved.items()])
    _update(connection, {one: label for one, label in found.items() if one not in moved})
    counted = {one for one, row in before.items() if not row.expired}
    gained = [one for one, label in moved.items() if not label.expired and one not in counted]
    lost = [one for one, label in moved.items() if label.expired and one in counted]  # its limit was lowered meanwhile
    _count(connection, [known[one] for one in gained], [known[one] for one in lost])
    return gained


def renew(connection: sa.Connection, prediction_ids: Iterable[str]) -> None:
    """Give the labels of these predictions new ids, because their other version scored them only now.

    Call it in the transaction that writes the late scores.
    """
    stand_in_line(connection)
    query = sa.select(*(column for column in labels.c if column.name != "id")).order_by(labels.c.id)
    rows = [dict(row._mapping) for row in select_about(connection, query, labels.c.prediction_id, prediction_ids)]
    delete_about(connection, labels.c.prediction_id, [row["prediction_id"] for row in rows])
    _insert(connection, rows)


def _same_evidence(old: Any, label: Label) -> bool:
    return old is not None and (old.truth_key, old.expired) == (label.truth_key, label.expired)


def _row(known: Known, label: Label) -> dict[str, Any]:
    judges = ("prediction_id", "use_case", "champion_version", "challenger_version", "arm")
    return {"prediction": known.id} | {name: getattr(known, name) for name in judges} | vars(label)


def _insert(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(labels.insert(), rows)


def _update(connection: sa.Connection, found: Mapping[str, Label]) -> None:
    if found:
        change = labels.update().where(labels.c.prediction_id == sa.bindparam("about"))
        rows = [{"about": one} | {name: getattr(label, name) for name in COUNTED} for one, label in found.items()]
        connection.execute(change.values({name: sa.bindparam(name) for name in COUNTED}), rows)


def _count(connection: sa.Connection, gained: Iterable[Known], lost: Iterable[Known]) -> None:
    counts = Counter(_counter(known) for known in gained)
    counts.subtract(_counter(known) for known in lost)
    if counts:
        traffic.add_labels(connection, [(*key, count) for key, count in counts.items()])


def _counter(known: Known) -> tuple[str, int, int | None, int, str]:
    return known.use_case, known.champion_version, known.challenger_version, known.phase, known.arm
