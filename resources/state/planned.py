"""Which split each phase of a use case's routing should have had."""

import sqlalchemy as sa

from mlops_assets.spec import UseCase
from resources.state.audit import audit
from resources.state.routing import read_routing


def planned_splits(connection: sa.Connection, use_case: UseCase) -> dict[int, float]:
    """Phase: share of units that arm B was to answer, from the routing of now and what the audit says of changes.

    Before routing was ever opened the file's split is that of the only phase there is.
    """
    now = read_routing(connection, use_case.name)
    if now is None:
        return {1: use_case.routing.split_b}
    found = {now.phase: now.split_b}
    changes = sa.select(audit.c.before, audit.c.after).where(
        audit.c.use_case == use_case.name, audit.c.action == "config"
    )
    for row in connection.execute(changes.order_by(audit.c.id.desc())):
        for said in row:
            if isinstance(said, dict):
                found.setdefault(said["phase"], said["split_b"])
    return found
