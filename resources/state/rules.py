"""The rule by which an experiment is judged: the one in force when it began, whatever the file says since."""

from typing import Any

from mlops_assets.spec import Decision, UseCase
from resources.state.verdicts import StoredVerdict


def rule_of(use_case: UseCase) -> dict[str, Any]:
    """The rule as it is kept with a verdict, JSON-ready."""
    return {"decision": use_case.decision.model_dump(mode="json"), "paired": use_case.routing.paired}


def as_judged(use_case: UseCase, verdict: StoredVerdict | None) -> UseCase:
    """The use case with the rule that a verdict of its experiment was given by; None = none was given yet."""
    if verdict is None or verdict.rule is None:
        return use_case
    decision = Decision.model_validate(verdict.rule["decision"])
    routing = use_case.routing.model_copy(update={"paired": verdict.rule["paired"]})
    return use_case.model_copy(update={"decision": decision, "routing": routing})
