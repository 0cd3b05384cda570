"""Champion against challenger on the labels so far."""

from typing import TYPE_CHECKING, Any

import dagster as dg

from mlops_assets.graph.keys import asset_facts, asset_key
from mlops_assets.graph.metadata import picture, rounded
from mlops_assets.spec import UseCase
from resources.installation import Installation

if TYPE_CHECKING:
    from mlops_assets.graph.steps.contest import Contest
    from resources.state.verdicts import StoredVerdict

CHECK = "traffic_split_as_set"


def build_verdict(use_case: UseCase) -> dg.AssetsDefinition:
    """The asset that judges the labelled requests that both versions scored."""
    key = asset_key(use_case, "verdict")

    @dg.asset(
        **asset_facts(use_case, "verdict"),
        deps=[asset_key(use_case, "registered_version")],
        kinds={"scipy"},
        check_specs=[dg.AssetCheckSpec(CHECK, asset=key, description="Each arm got the share of requests it was due.")],
        retry_policy=dg.RetryPolicy(max_retries=1),
        description="Anytime-valid interval of the loss difference: promote, reject, equivalent or continue.",
    )
    def verdict(
        context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
    ) -> dg.MaterializeResult:
        from mlops_assets.graph.steps.contest import hold_contest, keep_verdict

        contest = hold_contest(installation, use_case)
        if contest is None:
            return _nobody()
        stored = keep_verdict(installation, contest)
        context.log.info(stored.sentence)
        plot = _plot(installation, use_case)
        return dg.MaterializeResult(metadata=_metadata(stored, contest) | plot, check_results=[_check(contest)])

    return verdict


def _plot(installation: Installation, use_case: UseCase) -> dict[str, Any]:
    """The interval over labels; nothing before the first label of a paired experiment."""
    from mlops_assets.graph.steps.contest import read_differences
    from mlops_assets.report.interval_png import interval_png

    evidence = read_differences(installation, use_case) if use_case.routing.paired else None
    if evidence is None:
        return {}
    return {"interval_over_labels": picture(interval_png(evidence.differences, evidence.decision, evidence.title))}


def _nobody() -> dg.MaterializeResult:
    sentence = "no challenger is under test"
    check = dg.AssetCheckResult(check_name=CHECK, passed=True, description=sentence)
    return dg.MaterializeResult(metadata={"verdict": sentence}, check_results=[check])


def _check(contest: "Contest") -> dg.AssetCheckResult:
    from mlops_assets.decision.ratio import ALARM

    return dg.AssetCheckResult(
        check_name=CHECK,
        passed=contest.judgement.ratio_p_value >= ALARM,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"p-value of the split: {contest.judgement.ratio_p_value:.4f}; below {ALARM} it blocks a promotion",
    )


def _metadata(stored: "StoredVerdict", contest: "Contest") -> dict[str, Any]:
    missing = float("nan")
    return {
        "verdict": stored.outcome,
        "sentence": stored.sentence,
        "champion_version": contest.champion,
        "challenger_version": contest.challenger,
        "dagster/row_count": stored.labels,
        "better_by": missing if stored.estimate is None else rounded(stored.estimate),
        "better_by_low": missing if stored.low is None else rounded(stored.low),
        "better_by_high": missing if stored.high is None else rounded(stored.high),
        "split_p_value": contest.judgement.ratio_p_value,
    }
