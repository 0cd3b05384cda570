"""Earlier trainings of a use case, as far as their reports say what their rows were like."""

import json
from typing import Any

from mlops_assets.spec import UseCase
from mlops_assets.training.candidates import BASELINE
from mlops_assets.training.families import FAMILIES
from mlops_assets.training.memory.proposal import Past
from resources.installation import Installation
from resources.state.retrains import retrains_of

REMEMBERED = 50  # the newest


def read_past(installation: Installation, use_case: UseCase, before: int) -> list[Past]:
    """What the reports of earlier retrains say, newest first; those of one family teach nothing.

    Parameters
    ----------
    before : int
        Number of the retrain at hand.
    """
    with installation.state.read() as connection:
        rows = [row for row in retrains_of(connection, use_case.name) if row.id < before]
    found = []
    for row in rows[:REMEMBERED]:
        place = (use_case.name, "candidates", f"{row.id:06d}", "report.json")
        if installation.lake.exists(*place):
            report = json.loads(installation.lake.read_bytes(*place))
            found.append(Past(report.get("traits", {}), families_of(report["leaderboard"])))
    return [past for past in found if past.traits and len(past.families) > 1]


def families_of(leaderboard: list[dict[str, Any]]) -> tuple[str, ...]:
    """Families with a score, best first, without baseline and blends."""
    scored = [row["family"] for row in leaderboard if row["status"] == "ok"]
    return tuple(name for name in dict.fromkeys(scored) if name in FAMILIES and name != BASELINE)
