"""What a verdict that ended an experiment was judged on: paths of the kept labels and facts, the rule, the judgement.

A row is written in the transaction of what it led to, so that a certificate finds it whatever dies between. An
experiment has one row for its verdict, and a second one where the promotion was let through by later traffic.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resources.state.database import UtcTime, metadata

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("use_case", sa.String(64), nullable=False),
    sa.Column("champion_version", sa.Integer, nullable=False),
    sa.Column("challenger_version", sa.Integer, nullable=False),
    sa.Column("labels", sa.JSON, nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("rule", sa.JSON, nullable=False),
    sa.Column("paired", sa.Boolean, nullable=False),
    sa.Column("judgement", sa.JSON, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index(None, "use_case", "champion_version", "challenger_version", "id"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class KeptEvidence:
    """One judgement and what it follows from; `labels` and `facts` are files: path, sha256, bytes."""

    use_case: str
    champion_version: int
    challenger_version: int
    labels: dict[str, Any]
    facts: dict[str, Any]
    rule: dict[str, Any]
    paired: bool
    judgement: dict[str, Any]
    at: datetime


def record_evidence(connection: sa.Connection, kept: KeptEvidence) -> None:
    """Store it as the first of its experiment, or as what came after a judgement that was blocked."""
    known = evidence_of(connection, kept.use_case, kept.champion_version, kept.challenger_version)
    if not known or known[-1].judgement["blocks"]:
        connection.execute(evidence.insert().values(**vars(kept)))


def evidence_of(
    connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int
) -> list[KeptEvidence]:
    """What was judged over this pair, oldest first."""
    columns = [evidence.c[name] for name in KeptEvidence.__dataclass_fields__]
    query = sa.select(*columns).where(
        evidence.c.use_case == use_case,
        evidence.c.champion_version == champion_version,
        evidence.c.challenger_version == challenger_version,
    )
    return [KeptEvidence(**row) for row in connection.execute(query.order_by(evidence.c.id)).mappings()]
