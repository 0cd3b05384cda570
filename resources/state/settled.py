"""What was settled about a use case, in the order of time: changes of champion, and verdicts that left it in place."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from resources.state.promotions import Promotion, promotions
from resources.state.verdicts import StoredVerdict, by_id, verdicts

ENDINGS = ("reject", "equivalent", "inconclusive")  # outcomes after which the champion stays


@dataclass(frozen=True)
class Settled:
    """A change of champion with the verdict that it rests on, if any; or a verdict alone."""

    promotion: Promotion | None
    verdict: StoredVerdict | None

    @property
    def at(self) -> datetime:
        """When it was decided."""
        return self.promotion.at if self.promotion else self._alone.at

    @property
    def kind(self) -> str:
        """'first', 'promote', 'rollback', or how the experiment ended."""
        return self.promotion.kind if self.promotion else self._alone.outcome

    @property
    def champion(self) -> int:
        """The version that is champion from then on."""
        return self.promotion.to_version if self.promotion else self._alone.champion_version

    @property
    def other(self) -> int | None:
        """The version that made way or was refused; None for the first champion."""
        return self.promotion.from_version if self.promotion else self._alone.challenger_version

    @property
    def _alone(self) -> StoredVerdict:
        if self.verdict is None:
            raise ValueError("a promotion or a verdict is due")
        return self.verdict


def settled_after(connection: sa.Connection, use_case: str, promotion: int = 0, verdict: int = 0) -> list[Settled]:
    """What was settled after the promotion of this number and the verdict of this id, oldest first."""
    columns = [promotions.c[name] for name in Promotion.__dataclass_fields__]
    changes = sa.select(*columns).where(promotions.c.use_case == use_case, promotions.c.number > promotion)
    rows = [Promotion(**row) for row in connection.execute(changes).mappings()]
    known = by_id(connection, [row.verdict_id for row in rows if row.verdict_id is not None])
    acted_on = sa.select(promotions.c.verdict_id).where(
        promotions.c.use_case == use_case, promotions.c.verdict_id.is_not(None)
    )
    ended = sa.select(verdicts).where(
        verdicts.c.use_case == use_case,
        verdicts.c.id > verdict,
        verdicts.c.outcome.in_(ENDINGS),
        verdicts.c.takes_over.is_(False),  # an equal and cheaper challenger becomes champion, by a promotion
        verdicts.c.id.not_in(acted_on),
    )
    found = [Settled(row, known.get(row.verdict_id or 0)) for row in rows]
    found += [Settled(None, StoredVerdict(**row)) for row in connection.execute(ended).mappings()]
    return sorted(found, key=lambda one: (one.at, one.promotion is not None))
