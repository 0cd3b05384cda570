"""How far a batch is from what the champion was trained on."""

from typing import TYPE_CHECKING, Any

import dagster as dg

from mlops_assets.graph.keys import asset_facts, asset_key
from mlops_assets.graph.metadata import picture, records_metadata, rounded
from mlops_assets.spec import UseCase
from resources.installation import Installation

if TYPE_CHECKING:
    from mlops_assets.drift.result import DriftReport
    from mlops_assets.graph.steps.drift import Scored

CHECK = "no_drift"


def build_drift_score(use_case: UseCase, partitions: dg.DynamicPartitionsDefinition) -> dg.AssetsDefinition:
    """The asset that compares a batch, and the champion's loss on it, with the champion's training."""
    key = asset_key(use_case, "drift_score")

    @dg.asset(
        **asset_facts(use_case, "drift_score"),
        partitions_def=partitions,
        deps=[asset_key(use_case, "validated_batch")],
        kinds={"scipy"},
        check_specs=[dg.AssetCheckSpec(CHECK, asset=key, description="The batch looks like the training data.")],
        retry_policy=dg.RetryPolicy(max_retries=1),
        description="Each column of one batch against the champion's training data, its predictions and its loss.",
    )
    def drift_score(
        context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
    ) -> dg.MaterializeResult:
        from mlops_assets.graph.steps.drift import score_batch

        scored = score_batch(installation, use_case, context.partition_key)
        if scored is None:
            return _nothing_to_compare()
        check = _check(scored)
        context.log.info(check.description)
        return dg.MaterializeResult(metadata=_metadata(scored, use_case), check_results=[check])

    return drift_score


def _nothing_to_compare() -> dg.MaterializeResult:
    sentence = "no champion yet: there is nothing to compare with"
    check = dg.AssetCheckResult(check_name=CHECK, passed=True, description=sentence)
    return dg.MaterializeResult(metadata={"status": sentence}, check_results=[check])


def _check(scored: "Scored") -> dg.AssetCheckResult:
    from mlops_assets.report.drift import drift_markdown
    from mlops_assets.report.drift_words import sentence

    drifted = "drift" in (scored.report.status, scored.model.status)
    return dg.AssetCheckResult(
        check_name=CHECK,
        passed=not drifted,
        severity=dg.AssetCheckSeverity.WARN,
        description=sentence(scored.report, scored.model),
        metadata={"columns": dg.MetadataValue.md(drift_markdown(scored.report))},
    )


def _metadata(scored: "Scored", use_case: UseCase) -> dict[str, dg.MetadataValue[Any]]:
    from mlops_assets.drift.findings import TOGETHER
    from mlops_assets.report.drift_words import sentence
    from mlops_assets.report.loss_words import harm_sentence

    report, model = scored.report, scored.model
    columns = [
        {"column": c.name, "drifted": c.drifted, "score": c.score, "limit": c.limit, **c.metrics}
        for c in report.columns
    ]
    names = dict.fromkeys(name for column in columns for name in column)
    worst = max((column.severity for column in report.columns if column.alarms), default=0.0)
    return {
        "status": dg.MetadataValue.text(sentence(report, model)),
        "harm": dg.MetadataValue.text(harm_sentence(scored.harm, use_case.retrain)),
        "champion_version": dg.MetadataValue.int(scored.champion_version),
        "drifted_columns": dg.MetadataValue.int(sum(name != TOGETHER for name in report.drifted)),
        "worst_over_limit": dg.MetadataValue.float(rounded(min(worst, 1e6))),
        **_promised(report),
        "loss_ratio": dg.MetadataValue.float(rounded(min(model.loss.ratio, 1e6) if model.loss else float("nan"))),
        "loss_p_value_at_any_time": dg.MetadataValue.float(rounded(model.loss.p_value if model.loss else float("nan"))),
        "loss_estimate": dg.MetadataValue.float(rounded(model.estimate.mean if model.estimate else float("nan"))),
        "dagster/row_count": dg.MetadataValue.int(report.rows),
        "distributions": picture(scored.png),
        "columns": records_metadata([{name: column.get(name) for name in names} for column in columns]),
    }


def _promised(report: "DriftReport") -> dict[str, dg.MetadataValue[Any]]:
    """What is promised about false alarms over the champion's life, and what was observed."""
    if report.promise is None:
        return {}
    return {
        "alarm_rate_promised": dg.MetadataValue.float(rounded(report.promise.alpha)),
        "alarm_rate_spent": dg.MetadataValue.float(rounded(report.promise.spent)),
        "alarm_rate_observed": dg.MetadataValue.float(rounded(report.promise.observed)),
    }
