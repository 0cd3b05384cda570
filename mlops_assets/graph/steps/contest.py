"""Champion against challenger: the evidence so far, judged."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_assets.decision.evidence import Evidence
from mlops_assets.decision.judge import Judgement, judge, paired_differences
from mlops_assets.graph.steps.evidence import gather
from mlops_assets.graph.steps.kept import keep_evidence
from mlops_assets.spec import UseCase
from resources.installation import Installation
from resources.state import promotions
from resources.state.evidence import record_evidence
from resources.state.retrains import challenger_version
from resources.state.verdicts import StoredVerdict, last_verdict, latest, record_verdict


@dataclass(frozen=True, eq=False)
class Contest:
    """Two versions under test, the evidence about them and the judgement on it."""

    champion: int
    challenger: int
    evidence: Evidence
    judgement: Judgement


def hold_contest(installation: Installation, use_case: UseCase) -> Contest | None:
    """The judgement over champion and challenger now; None while there is no challenger."""
    with installation.state.read() as connection:
        champion = promotions.current(connection, use_case.name)
        challenger = challenger_version(connection, use_case.name)
    if champion is None or challenger is None:
        return None
    evidence = gather(installation, use_case, champion, challenger)
    return Contest(champion, challenger, evidence, judge(evidence, use_case.decision, use_case.routing.paired))


def keep_verdict(installation: Installation, use_case: UseCase, contest: Contest) -> StoredVerdict:
    """The verdict that counts: this one, or the decisive one that was kept before.

    A verdict that ends the experiment is written together with what it was judged on.
    """
    verdict, judged = contest.judgement.verdict, (contest.evidence, contest.judgement)
    kept = None if verdict.outcome == "continue" else keep_evidence(installation, use_case, *judged)
    with installation.state.write() as connection:
        before = last_verdict(connection, use_case.name, contest.champion, contest.challenger)
        if kept is not None and not (before and before.decisive):
            record_evidence(connection, kept)
        return record_verdict(
            connection,
            StoredVerdict(
                use_case=use_case.name,
                champion_version=contest.champion,
                challenger_version=contest.challenger,
                outcome=verdict.outcome,
                estimate=verdict.interval.estimate,
                low=verdict.interval.low,
                high=verdict.interval.high,
                labels=verdict.labels,
                at=installation.clock(),
                sentence=verdict.sentence,
                label_id=contest.evidence.facts["label_id"],
            ),
        )


@dataclass(frozen=True)
class Drawn:
    """The newest experiment's paired differences in the order in which they count, and its name."""

    differences: NDArray[np.float64]
    title: str


def read_differences(installation: Installation, use_case: UseCase) -> Drawn | None:
    """The newest experiment, running or ended; None before its first label."""
    with installation.state.read() as connection:
        last = latest(connection, use_case.name)
    if last is None:
        return None
    versions = (last.champion_version, last.challenger_version)
    differences = paired_differences(gather(installation, use_case, *versions), use_case.decision)
    if not len(differences):
        return None
    return Drawn(differences, f"{use_case.name}: version {versions[1]} against {versions[0]}")
