"""The rows of a batch that can be trusted; the others are in quarantine with their reasons."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from mlops_assets.graph.keys import asset_facts, asset_key
from mlops_assets.graph.metadata import records_metadata, table_metadata
from mlops_assets.spec import UseCase
from resources.installation import Installation

if TYPE_CHECKING:
    from mlops_assets.validation.validate import Validated

CHECK = "batch_accepted"


def build_validated_batch(use_case: UseCase, partitions: dg.DynamicPartitionsDefinition) -> dg.AssetsDefinition:
    """The asset that splits a batch into accepted and quarantined rows, with a check that stops a rejected batch."""
    key = asset_key(use_case, "validated_batch")

    @dg.asset(
        **asset_facts(use_case, "validated_batch"),
        partitions_def=partitions,
        deps=[asset_key(use_case, "raw_batch")],
        kinds={"greatexpectations", "parquet"},
        check_specs=[
            dg.AssetCheckSpec(
                CHECK, asset=key, blocking=True, description="The batch as a whole may be used; its report is here."
            )
        ],
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=use_case.freshness_h)),
        description="Accepted rows of one batch; quarantined rows lie beside them. Accepted + quarantined = input.",
    )
    def validated_batch(
        context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
    ) -> dg.MaterializeResult:
        from resources.lake import LakeError

        try:
            validated = _validate(installation, use_case, context.partition_key)
        except LakeError as error:
            raise dg.RetryRequested(max_retries=1) from error  # a retry policy would also repeat a rejection
        context.log.info(_sentence(validated))
        return dg.MaterializeResult(
            metadata={
                **_metadata(validated),
                "report": dg.MetadataValue.path(
                    installation.lake.path(use_case.name, "reports", context.partition_key, "quality.html")
                ),
            },
            check_results=[_check(validated)],
        )

    return validated_batch


def _validate(installation: Installation, use_case: UseCase, batch_key: str) -> "Validated":
    from mlops_assets.report.quality import quality_html
    from mlops_assets.validation.validate import validate_batch
    from resources.batch_store import store_validated

    rows = installation.lake.read_table(use_case.name, "raw", f"{batch_key}.parquet")
    validated = validate_batch(rows, use_case)
    store_validated(
        installation.lake,
        installation.state,
        use_case.name,
        batch_key,
        validated,
        installation.clock(),
        time=use_case.time,
        documents={"quality.html": quality_html(validated.report).encode()},
    )
    return validated


def _metadata(validated: "Validated") -> dict[str, Any]:
    reasons = [{"reason": reason, "rows": rows} for reason, rows in validated.report["reasons"].items()]
    return {
        **table_metadata(validated.accepted),
        "accepted_rows": len(validated.accepted),
        "quarantined_rows": len(validated.quarantined),
        "reasons": records_metadata(reasons),
    }


def _sentence(validated: "Validated") -> str:
    if not validated.passed:
        return f"rejected: {'; '.join(validated.failures)}"
    return f"{len(validated.accepted):,} rows accepted, {len(validated.quarantined):,} in quarantine"


def _check(validated: "Validated") -> dg.AssetCheckResult:
    from mlops_assets.report.quality import quality_markdown

    return dg.AssetCheckResult(
        check_name=CHECK,
        passed=validated.passed,
        severity=dg.AssetCheckSeverity.ERROR,
        description="; ".join(validated.failures) or "accepted",
        metadata={"quality": dg.MetadataValue.md(quality_markdown(validated.report))},
    )
