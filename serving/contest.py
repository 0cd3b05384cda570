"""What is known about the experiment of one use case at this moment, for the page and the metrics."""

from dataclasses import dataclass

import sqlalchemy as sa

from mlops_assets.decision.confidence import Interval
from mlops_assets.decision.ratio import Phase, phases_mismatch
from mlops_assets.spec import UseCase
from resources.state.experiment import Routing
from resources.state.labels import count_labels
from resources.state.planned import planned_splits
from resources.state.prediction import Arm
from resources.state.predictions import count_arms
from resources.state.traffic import phases
from resources.state.verdicts import StoredVerdict, last_verdict, latest
from serving.models import Arms
from serving.router import Router

NOTHING: dict[Arm, int] = {"A": 0, "B": 0}


@dataclass(frozen=True)
class Contest:
    """Who serves, what each arm did, and what was concluded.

    `counted` are the answers since the split was last changed, `phases` the units of the two versions under each split
    that is known, which `ratio_p_value` judges (None without an experiment); `answers` and `labels` are those under
    every split. `verdict` is the newest one over the two that serve; without an experiment the last one there was.
    """

    arms: Arms
    routing: Routing
    answers: dict[Arm, int]
    counted: dict[Arm, int]
    labels: dict[Arm, int]
    verdict: StoredVerdict | None
    phases: tuple[Phase, ...] = ()

    @property
    def ratio_p_value(self) -> float | None:
        """That of the splits, as the graph judges them before it promotes."""
        return phases_mismatch(self.phases)[0] if self.running else None

    @property
    def interval(self) -> Interval | None:
        """The verdict's interval; None before the first label."""
        one = self.verdict
        if one is None or one.estimate is None or one.low is None or one.high is None:
            return None
        return Interval(one.estimate, one.low, one.high)

    @property
    def running(self) -> bool:
        """True while two versions serve."""
        return self.arms.champion is not None and self.arms.challenger is not None

    @property
    def decided(self) -> bool:
        """True when the verdict over the two that serve is final."""
        return self.running and self.verdict is not None and self.verdict.decisive


def read_contest(connection: sa.Connection, router: Router, use_case: UseCase) -> Contest:
    """The facts of one use case."""
    name, arms, routing = use_case.name, router.models.of(use_case.name), router.splits.of(use_case.name)
    champion, challenger = arms.champion, arms.challenger
    if champion is None:
        return Contest(arms, routing, NOTHING, NOTHING, NOTHING, latest(connection, name))
    versions = (champion.version, challenger.version if challenger is not None else None)
    answers, labels = count_arms(connection, name, *versions), count_labels(connection, name, *versions)
    if challenger is None:
        return Contest(arms, routing, answers, NOTHING, labels, latest(connection, name))
    counted = count_arms(connection, name, *versions, phase=routing.phase)
    verdict = last_verdict(connection, name, champion.version, challenger.version)
    served = _phases(connection, use_case, champion.version, challenger.version)
    return Contest(arms, routing, answers, counted, labels, verdict, served)


def _phases(connection: sa.Connection, use_case: UseCase, champion: int, challenger: int) -> tuple[Phase, ...]:
    planned = planned_splits(connection, use_case)
    units: dict[int, dict[str, int]] = {}
    for row in phases(connection, use_case.name, champion, challenger):
        units.setdefault(row.phase, {"A": 0, "B": 0})[row.arm] = row.units
    return tuple(
        Phase(number, found["A"], found["B"], planned[number]) for number, found in units.items() if number in planned
    )
