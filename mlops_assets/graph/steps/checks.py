"""What is looked at only when a challenger is about to take over: answers without labels, errors, speed and size."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mlops_assets.decision.evidence import Evidence
from mlops_assets.graph.steps.models import Model, open_version
from mlops_assets.graph.steps.speed import row_seconds
from mlops_assets.spec import UseCase
from resources.installation import Installation
from resources.state.cohorts import Cohort, block_size, cohorts_of
from resources.state.evidence import evidence_of
from resources.state.predictions import newest_features

SIDES = ("champion", "challenger")
ROWS_TIMED = 64
SHADOW_S = 60  # a row that waits for the other version so long will not be scored any more


@dataclass(frozen=True)
class Cost:
    """Median seconds that a version takes for a row, and the bytes of its bundle."""

    row_s: float
    bundle_bytes: int


Measure = Callable[[Installation, UseCase, tuple[int, int]], Sequence[Cost]]


def with_checks(installation: Installation, use_case: UseCase, evidence: Evidence, measure: Measure) -> Evidence:
    """The evidence and, among its facts, what the guardrails need."""
    versions = (evidence.facts["champion"], evidence.facts["challenger"])
    with installation.state.read() as connection:
        size = block_size(connection, use_case.name, *versions)
        by_answer = not use_case.routing.paired and use_case.task == "classification"
        cohorts = cohorts_of(connection, use_case.name, *versions, size, said=by_answer)
    old = [one for one in cohorts if _age_s(one, evidence) >= SHADOW_S]
    unanswered = _paired_shares(old) if use_case.routing.paired else _degraded_shares(old)
    costs = measure(installation, use_case, versions)
    checks: dict[str, Any] = {
        side: {"unanswered_share": share, **vars(cost)}
        for side, share, cost in zip(SIDES, unanswered, costs, strict=True)
    }
    checks["cohorts"] = _labelled(cohorts)
    return replace(evidence, facts=evidence.facts | {"checks": checks})


def measure_costs(installation: Installation, use_case: UseCase, versions: tuple[int, int]) -> list[Cost]:
    """What both versions cost on this machine, on the newest rows that were asked for, in turns.

    What was measured for the verdict holds afterwards, unless it forbade the promotion: then a calmer hour may tell.
    """
    if known := _measured_before(installation, use_case, versions):
        return known
    models = [open_version(installation, use_case, version) for version in versions]
    with installation.state.read() as connection:
        rows = newest_features(connection, use_case.name, *versions, ROWS_TIMED)
    seconds = row_seconds([model.bundle for model in models], rows)
    return [Cost(one, _bytes(model)) for one, model in zip(seconds, models, strict=True)]


def _measured_before(installation: Installation, use_case: UseCase, versions: tuple[int, int]) -> list[Cost]:
    with installation.state.read() as connection:
        kept = evidence_of(connection, use_case.name, *versions)
    if not kept or any(block["name"] == "latency" for block in kept[-1].judgement["blocks"]):
        return []
    service = kept[-1].judgement["figures"]["service"]
    return [Cost(service[side]["row_s"], int(service[side]["bundle_bytes"])) for side in SIDES]


def _bytes(model: Model) -> int:
    return sum(path.stat().st_size for path in model.folder.rglob("*") if path.is_file())


def _age_s(cohort: Cohort, evidence: Evidence) -> float:
    return (datetime.fromisoformat(evidence.facts["judged_at"]) - cohort.ended_at).total_seconds()


def _paired_shares(cohorts: Sequence[Cohort]) -> tuple[float, float]:
    """Share of requests that each version left without an answer, where both score all."""
    answers = max(1, sum(one.answers for one in cohorts))
    missing = (sum(one.without_champion for one in cohorts), sum(one.without_challenger for one in cohorts))
    return missing[0] / answers, missing[1] / answers


def _degraded_shares(cohorts: Sequence[Cohort]) -> tuple[float, float]:
    """The same where one version answers: the champion stepped in for a challenger that failed.

    Answers are marked degraded for other reasons too, in both arms alike; those of arm B show how often.
    """
    answers, degraded = Counter[str](), Counter[str]()
    for one in cohorts:
        answers[one.arm] += one.answers
        degraded[one.arm] += one.degraded
    usual = degraded["B"] / max(1, answers["B"])
    failed = max(0.0, degraded["A"] - usual * answers["A"])
    return 0.0, failed / max(1.0, failed + answers["B"])


def _labelled(cohorts: Sequence[Cohort]) -> list[dict[str, Any]]:
    """Each cohort with the first answers of its units, and how many of those have a label that counts."""
    return [
        {
            "block": one.block,
            "phase": one.phase,
            "arm": one.arm,
            "agree": one.agree,
            "said": one.said,
            "ended_at": one.ended_at.isoformat(),
            "answers": one.units,
            "labels": one.labels,
        }
        for one in cohorts
    ]
