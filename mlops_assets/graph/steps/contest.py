"""Champion against challenger: the labels so far, judged."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.decision.ratio import ratio_mismatch
from mlops_assets.decision.unpaired import decide_unpaired
from mlops_assets.decision.verdict import Verdict, decide
from mlops_assets.spec import UseCase
from mlops_assets.training.evaluation import losses
from resources.installation import Installation
from resources.state import predictions, promotions
from resources.state.retrains import challenger_version
from resources.state.routing import read_routing
from resources.state.verdicts import StoredVerdict, latest, record_verdict


@dataclass(frozen=True)
class Contest:
    """Two versions under test, their verdict, and the p-value of the observed split (1 without traffic)."""

    champion: int
    challenger: int
    verdict: Verdict
    ratio_p_value: float


def hold_contest(installation: Installation, use_case: UseCase) -> Contest | None:
    """The verdict over champion and challenger now; None while there is no challenger."""
    with installation.state.read() as connection:
        champion = promotions.current(connection, use_case.name)
        challenger = challenger_version(connection, use_case.name)
        if champion is None or challenger is None:
            return None
        verdict = _judge(connection, use_case, champion, challenger)
        routing = read_routing(connection, use_case.name)
        split_b = routing.split_b if routing else use_case.routing.split_b
        phase = routing.phase if routing else None
        counts = predictions.count_arms(connection, use_case.name, champion, challenger, phase)
    return Contest(champion, challenger, verdict, ratio_mismatch(counts["A"], counts["B"], split_b))


def _judge(connection: Any, use_case: UseCase, champion: int, challenger: int) -> Verdict:
    decision = use_case.decision
    if use_case.routing.paired:
        pairs = predictions.labelled_pairs(connection, use_case.name, champion, challenger)
        truth = np.array([truth for _, _, truth in pairs])
        theirs, mine = (np.array([pair[at] for pair in pairs]) for at in (0, 1))
        return decide(losses_of(theirs, truth, use_case), losses_of(mine, truth, use_case), decision)
    answers = predictions.labelled_answers(connection, use_case.name, champion, challenger)
    given, truth = np.array([answer for _, answer, _ in answers]), np.array([truth for _, _, truth in answers])
    by_challenger = np.array([arm == "B" for arm, _, _ in answers], dtype=bool)
    return decide_unpaired(losses_of(given, truth, use_case), by_challenger, decision)


def losses_of(answers: NDArray[Any], truth: NDArray[Any], use_case: UseCase) -> Any:
    """Losses of answers, of shape (n_samples,); empty for no answers."""
    return losses(answers, truth, use_case.decision) if len(answers) else np.empty(0)


def keep_verdict(installation: Installation, use_case: UseCase, contest: "Contest") -> StoredVerdict:
    """The verdict that counts: this one, or the decisive one that was kept before."""
    interval = contest.verdict.interval
    with installation.state.write() as connection:
        return record_verdict(
            connection,
            StoredVerdict(
                use_case=use_case.name,
                champion_version=contest.champion,
                challenger_version=contest.challenger,
                outcome=contest.verdict.outcome,
                estimate=interval.estimate,
                low=interval.low,
                high=interval.high,
                labels=contest.verdict.labels,
                at=installation.clock(),
                sentence=contest.verdict.sentence,
            ),
        )


@dataclass(frozen=True)
class Evidence:
    """The newest experiment's paired differences in the order of the labels, requests per arm, and its name."""

    differences: NDArray[np.float64]
    arms: dict[str, int]
    title: str


def read_differences(installation: Installation, use_case: UseCase) -> Evidence | None:
    """Evidence of the newest experiment, running or ended; None before its first label."""
    with installation.state.read() as connection:
        last = latest(connection, use_case.name)
        if last is None:
            return None
        versions = (last.champion_version, last.challenger_version)
        pairs = predictions.labelled_pairs(connection, use_case.name, *versions)
        counts = predictions.count_arms(connection, use_case.name, *versions)
    if not pairs:
        return None
    truth = np.array([truth for _, _, truth in pairs])
    theirs, mine = (losses_of(np.array([pair[at] for pair in pairs]), truth, use_case) for at in (0, 1))
    arms = {f"A: version {versions[0]}": counts["A"], f"B: version {versions[1]}": counts["B"]}
    return Evidence(theirs - mine, arms, f"{use_case.name}: version {versions[1]} against {versions[0]}")
