"""Verdicts over champion and challenger, one row per look; once decisive, a verdict stays."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from resources.state.database import UtcTime, metadata

LOOKS_DRAWN = 200  # more would not be seen in a drawing
Outcome = Literal["promote", "reject", "equivalent", "continue", "inconclusive"]

verdicts = sa.Table(
    "verdicts",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("use_case", sa.String(64), nullable=False),
    sa.Column("champion_version", sa.Integer, nullable=False),
    sa.Column("challenger_version", sa.Integer, nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("estimate", sa.Float),
    sa.Column("low", sa.Float),
    sa.Column("high", sa.Float),
    sa.Column("labels", sa.Integer, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("sentence", sa.Text, nullable=False),
    sa.Column("label_id", sa.BigInteger, nullable=False),
    sa.Column("rule", sa.JSON(none_as_null=True)),
    sa.Column("takes_over", sa.Boolean, nullable=False),
    sa.Column("blocks", sa.JSON, nullable=False),
    sa.Column("look_at", UtcTime),
    sa.Index(None, "use_case", "champion_version", "challenger_version", "id"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class StoredVerdict:
    """What was concluded from `labels` labels; estimate, low, high in units of the loss, positive = challenger better.

    The three are None where there were too few labels to compute them; `label_id` is the newest label that was read, 0
    before the first; `id` is None before it is stored.

    Attributes
    ----------
    rule : what was in force when the experiment began (`rules.rule_of`); None in a row of a version before
    takes_over : whether the challenger is to be champion
    blocks : why that is not done, in sentences, as of the newest look
    look_at : from when on a look without a new label finds more labels old enough; None = never
    """

    use_case: str
    champion_version: int
    challenger_version: int
    outcome: Outcome
    estimate: float | None
    low: float | None
    high: float | None
    labels: int
    at: datetime
    sentence: str
    label_id: int = 0
    id: int | None = None
    rule: dict[str, Any] | None = None
    takes_over: bool = False
    blocks: list[str] = field(default_factory=list)
    look_at: datetime | None = None

    @property
    def decisive(self) -> bool:
        """True when the experiment is over."""
        return self.outcome != "continue"

    @property
    def standing(self) -> str:
        """The outcome, 'cheaper' where an equivalent challenger takes over."""
        return "cheaper" if self.outcome == "equivalent" and self.takes_over else self.outcome


def record_verdict(connection: sa.Connection, verdict: StoredVerdict) -> StoredVerdict:
    """The verdict that counts: the stored decisive one when there is one, else `verdict`, stored.

    A look at what the last one saw, with the same outcome, adds no row; it renews what blocks, and when to look again.
    """
    last = last_verdict(connection, verdict.use_case, verdict.champion_version, verdict.challenger_version)
    if last is not None:
        seen = (last.label_id, last.labels, last.outcome) == (verdict.label_id, verdict.labels, verdict.outcome)
        if last.decisive or seen:
            renewal = verdicts.update().where(verdicts.c.id == last.id)
            connection.execute(renewal.values(blocks=verdict.blocks, look_at=verdict.look_at))
            return replace(last, blocks=verdict.blocks, look_at=verdict.look_at)
    values = {name: value for name, value in vars(verdict).items() if name != "id"}
    connection.execute(verdicts.insert().values(**values))
    stored = last_verdict(connection, verdict.use_case, verdict.champion_version, verdict.challenger_version)
    return stored or verdict


def last_verdict(
    connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int
) -> StoredVerdict | None:
    """The newest verdict over this pair; a decisive one wins over a later look of a slower writer."""
    decisive = sa.case((verdicts.c.outcome == "continue", 0), else_=1)
    query = (
        _of(use_case)
        .where(verdicts.c.champion_version == champion_version, verdicts.c.challenger_version == challenger_version)
        .order_by(decisive.desc(), verdicts.c.id.desc())
        .limit(1)
    )
    found = connection.execute(query).mappings().one_or_none()
    return StoredVerdict(**found) if found else None


def latest(connection: sa.Connection, use_case: str) -> StoredVerdict | None:
    """The newest verdict of a use case, over whichever pair."""
    found = connection.execute(_of(use_case).order_by(verdicts.c.id.desc()).limit(1)).mappings().one_or_none()
    return StoredVerdict(**found) if found else None


def first_contest(connection: sa.Connection, use_case: str, challenger_version: int) -> StoredVerdict | None:
    """The verdict over a challenger in its first experiment; a later one may ask whether to roll back to it."""
    mine = (verdicts.c.use_case == use_case, verdicts.c.challenger_version == challenger_version)
    query = sa.select(verdicts.c.champion_version).where(*mine).order_by(verdicts.c.id).limit(1)
    champion_version = connection.execute(query).scalar()
    return (
        None if champion_version is None else last_verdict(connection, use_case, champion_version, challenger_version)
    )


def history(connection: sa.Connection, use_case: str, limit: int = 200) -> list[StoredVerdict]:
    """Verdicts of a use case, newest first."""
    rows = connection.execute(_of(use_case).order_by(verdicts.c.id.desc()).limit(limit)).mappings()
    return [StoredVerdict(**row) for row in rows]


def looks(
    connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int, points: int = LOOKS_DRAWN
) -> list[StoredVerdict]:
    """Verdicts over this pair in the order of time, evenly thinned to about `points`, the last one among them."""
    number = sa.func.row_number().over(order_by=verdicts.c.id.desc()).label("number")
    total = sa.func.count().over().label("total")
    pair = (verdicts.c.champion_version == champion_version, verdicts.c.challenger_version == challenger_version)
    ranked = sa.select(verdicts, number, total).where(verdicts.c.use_case == use_case, *pair).subquery()
    columns = [ranked.c[column.name] for column in verdicts.columns]
    query = sa.select(*columns).where((ranked.c.number - 1) % (ranked.c.total // points + 1) == 0).order_by(ranked.c.id)
    return [StoredVerdict(**row) for row in connection.execute(query).mappings()]


def by_id(connection: sa.Connection, ids: Collection[int]) -> dict[int, StoredVerdict]:
    """The verdicts of these numbers."""
    rows = connection.execute(sa.select(verdicts).where(verdicts.c.id.in_(ids))).mappings()
    return {row["id"]: StoredVerdict(**row) for row in rows}


def _of(use_case: str) -> sa.Select[Any]:
    return sa.select(verdicts).where(verdicts.c.use_case == use_case)
