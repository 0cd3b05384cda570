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
from resources.state import labels, predictions, promotions
from resources.state.retrains import challenger_version
from resources.state.routing import read_routing
from resources.state.verdicts import StoredVerdict, latest, record_verdict


@dataclass(frozen=True)
class Contest:
    """Two versions under test, their verdict, the p-value of the observed split (1 without traffic), the last label."""

    champion: int
    challenger: int
    verdict: Verdict
    ratio_p_value: float
    label_id: int


def hold_contest(installation: Installation, use_case: UseCase) -> Contest | None:
    """The verdict over champion and challenger now; None while there is no challenger."""
    with installation.state.read() as connection:
        champion = promotions.current(connection, use_case.name)
        challenger = challenger_version(connection, use_case.name)
        if champion is None or challenger is None:
            return None
        label_id = labels.newest_label(
            connection, use_case.name, champion, challenger
        )  # first: what follows is looked at
        verdict = _judge(connection, use_case, champion, challenger)
        routing = read_routing(connection, use_case.name)
        split_b = routing.split_b if routing else use_case.routing.split_b
        phase = routing.phase if routing else None
        counts = predictions.count_arms(connection, use_case.name, champion, challenger, phase)
    return Contest(champion, challenger, verdict, ratio_mismatch(counts["A"], counts["B"], split_b), label_id)


def _judge(connection: Any, use_case: UseCase, champion: int, challenger: int) -> Verdict:
    decision = use_case.decision
    if use_case.routing.paired:
        return decide(*_paired_losses(connection, use_case, champion, challenger), decision)
    answers = labels.labelled_answers(connection, use_case.name, champion, challenger)
    arms, given, truth = (np.array(column) for column in zip(*answers, strict=True)) if answers else (np.empty(0),) * 3
    return decide_unpaired(losses_of(given, truth, use_case), arms == "B", decision)


def _paired_losses(connection: Any, use_case: UseCase, champion: int, challenger: int) -> tuple[Any, Any]:
    """Losses of both versions on the same rows, in the order of the labels."""
    columns = labels.paired_columns(connection, use_case.name, champion, challenger)
    theirs, mine, truth = (np.array(column) for column in columns)
    return losses_of(theirs, truth, use_case), losses_of(mine, truth, use_case)


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
                label_id=contest.label_id,
            ),
        )


@dataclass(frozen=True)
class Evidence:
    """The newest experiment's paired differences in the order of the labels, and its name."""

    differences: NDArray[np.float64]
    title: str


def read_differences(installation: Installation, use_case: UseCase) -> Evidence | None:
    """Evidence of the newest experiment, running or ended; None before its first label."""
    with installation.state.read() as connection:
        last = latest(connection, use_case.name)
        if last is None:
            return None
        versions = (last.champion_version, last.challenger_version)
        theirs, mine = _paired_losses(connection, use_case, *versions)
    if not len(theirs):
        return None
    return Evidence(theirs - mine, f"{use_case.name}: version {versions[1]} against {versions[0]}")
