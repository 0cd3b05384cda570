"""Champion against challenger: the evidence so far, judged."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from mlops_assets.decision.counting import count_evidence
from mlops_assets.decision.evidence import Evidence
from mlops_assets.decision.judge import Judgement, judge
from mlops_assets.graph.steps.checks import Measure, measure_costs, with_checks
from mlops_assets.graph.steps.evidence import gather
from mlops_assets.graph.steps.kept import keep_evidence
from mlops_assets.spec import Decision, UseCase
from resources.installation import Installation
from resources.state import promotions
from resources.state.evidence import record_evidence
from resources.state.retrains import challenger_version
from resources.state.rules import as_judged, as_watched, rule_of
from resources.state.verdicts import StoredVerdict, last_verdict, latest, record_verdict
from resources.state.watch import watch_budget


@dataclass(frozen=True, eq=False)
class Contest:
    """Two versions under test, the use case with the rule in force, the evidence and the judgement on it.

    `watch`: the challenger is the champion before, which comes back if it is better.
    """

    champion: int
    challenger: int
    judged: UseCase
    evidence: Evidence
    judgement: Judgement
    watch: bool = False


def hold_contest(installation: Installation, use_case: UseCase, measure: Measure = measure_costs) -> Contest | None:
    """The judgement over champion and challenger now; None while there is no challenger.

    What costs time to look at is looked at when the challenger might take over.
    """
    with installation.state.read() as connection:
        champion = promotions.current(connection, use_case.name)
        challenger = challenger_version(connection, use_case.name)
        if champion is None or challenger is None:
            return None
        budget = watch_budget(connection, use_case.name, challenger)
        began = use_case if budget is None else as_watched(use_case, budget)
        last = last_verdict(connection, use_case.name, champion, challenger)
    judged = as_judged(began, last)
    evidence = gather(installation, judged, champion, challenger)
    rule = (judged.decision, judged.routing.paired)
    judgement = judge(evidence, *rule)
    if judgement.verdict.outcome in ("promote", "equivalent") or (last is not None and last.takes_over):
        evidence = with_checks(installation, judged, evidence, measure)
        judgement = judge(evidence, *rule)
    return Contest(champion, challenger, judged, evidence, judgement, budget is not None)


def keep_verdict(installation: Installation, contest: Contest) -> StoredVerdict:
    """The verdict that counts: this one, or the decisive one that was kept before.

    A verdict that ends the experiment is written together with what it was judged on.
    """
    judgement, verdict, now = contest.judgement, contest.judgement.verdict, installation.clock()
    waits = judgement.look_in_s
    with installation.state.read() as connection:
        before = last_verdict(connection, contest.judged.name, contest.champion, contest.challenger)
    ends = verdict.outcome != "continue" and not (before and before.decisive)
    kept = keep_evidence(installation, contest.judged, contest.evidence, judgement) if ends else None
    with installation.state.write() as connection:
        before = last_verdict(connection, contest.judged.name, contest.champion, contest.challenger)
        if kept is not None and not (before and before.decisive):
            record_evidence(connection, kept)
        return record_verdict(
            connection,
            StoredVerdict(
                use_case=contest.judged.name,
                champion_version=contest.champion,
                challenger_version=contest.challenger,
                outcome=verdict.outcome,
                estimate=verdict.interval.estimate,
                low=verdict.interval.low,
                high=verdict.interval.high,
                labels=verdict.labels,
                at=now,
                sentence=verdict.sentence,
                label_id=contest.evidence.facts["label_id"],
                rule=rule_of(contest.judged),
                takes_over=judgement.takes_over,
                blocks=[block.sentence for block in judgement.blocks],
                look_at=None if waits is None else now + timedelta(seconds=waits),
            ),
        )


@dataclass(frozen=True)
class Drawn:
    """The newest experiment's paired differences in the order in which they count, the rule, and its name."""

    differences: NDArray[np.float64]
    decision: Decision
    title: str


def read_differences(installation: Installation, use_case: UseCase) -> Drawn | None:
    """The newest experiment, running or ended; None before its first label."""
    with installation.state.read() as connection:
        last = latest(connection, use_case.name)
    if last is None:
        return None
    versions, judged = (last.champion_version, last.challenger_version), as_judged(use_case, last)
    counted = count_evidence(gather(installation, judged, *versions), judged.decision, paired=True)
    differences = counted.differences.values
    if not len(differences):
        return None
    return Drawn(differences, judged.decision, f"{use_case.name}: version {versions[1]} against {versions[0]}")
