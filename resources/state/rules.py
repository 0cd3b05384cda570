"""The rule by which an experiment is judged: the one in force when it began, whatever the file says since."""

from typing import Any

from mlops_assets.spec import Decision, UseCase
from resources.state.verdicts import StoredVerdict


def rule_of(use_case: UseCase) -> dict[str, Any]:
    """The rule as it is kept with a verdict, JSON-ready."""
    return {"decision": use_case.decision.model_dump(mode="json"), "paired": use_case.routing.paired}


def as_watched(use_case: UseCase, labels: int) -> UseCase:
    """The use case with the rule for a champion that was replaced: it comes back only if it is better."""
    rule = {"labels_max": max(labels, use_case.decision.labels_min), "cheaper_by": 1.0}
    return use_case.model_copy(update={"decision": use_case.decision.model_copy(update=rule)})


def as_judged(use_case: UseCase, verdict: StoredVerdict | None) -> UseCase:
    """The use case with the rule that a verdict of its experiment was given by; None = none was given yet."""
    if verdict is None or verdict.rule is None:
        return use_case
    decision = Decision.model_validate(verdict.rule["decision"])
    routing = use_case.routing.model_copy(update={"paired": verdict.rule["paired"]})
    return use_case.model_copy(update={"decision": decision, "routing": routing})
