"""The champion before this one, while it still scores each request in the shadow, so that a rollback has evidence."""

import sqlalchemy as sa

from resources.state.promotions import history
from resources.state.verdicts import verdicts


def watched_version(connection: sa.Connection, use_case: str) -> int | None:
    """The version that the last promotion replaced, until a verdict ends its watch; None where none is watched.

    A pair is watched once: whoever promotes a version again that was rolled back has looked at the same evidence.
    """
    last = history(connection, use_case, limit=1)
    if not last or last[0].kind != "promote" or last[0].watch_labels == 0 or last[0].from_version is None:
        return None
    decided = sa.select(verdicts.c.id).where(
        verdicts.c.use_case == use_case,
        verdicts.c.champion_version == last[0].to_version,
        verdicts.c.challenger_version == last[0].from_version,
        verdicts.c.outcome != "continue",
        verdicts.c.takes_over.is_(False) | (verdicts.c.at < last[0].at),
    )
    return None if connection.execute(decided.limit(1)).first() else last[0].from_version


def watch_budget(connection: sa.Connection, use_case: str, challenger: int) -> int | None:
    """Labels for which a version is watched; None where it is a challenger like any other."""
    last = history(connection, use_case, limit=1)
    watched = bool(last) and last[0].kind == "promote" and last[0].from_version == challenger
    return last[0].watch_labels if watched else None
