"""Whether data still arrives."""

import dagster as dg

from mlops_assets.graph.keys import asset_key
from mlops_assets.spec import UseCase
from resources.installation import Installation

FRESHNESS_CHECK = "batches_still_arrive"


def build_freshness_check(use_case: UseCase) -> dg.AssetChecksDefinition:
    """The check that warns when no batch was accepted for longer than the use case allows."""

    @dg.asset_check(
        asset=asset_key(use_case, "validated_batch"),
        name=FRESHNESS_CHECK,
        description=f"A batch was accepted within the last {use_case.freshness_h:g} hours.",
    )
    def batches_still_arrive(installation: dg.ResourceParam[Installation]) -> dg.AssetCheckResult:
        from resources.state import ledger

        with installation.state.read() as connection:
            accepted = ledger.accepted(connection, use_case.name)
        if not accepted:
            return dg.AssetCheckResult(
                passed=False, severity=dg.AssetCheckSeverity.WARN, description="no batch was accepted yet"
            )
        newest = accepted[-1]
        age_h = (installation.clock() - (newest.decided_at or newest.landed_at)).total_seconds() / 3600
        return dg.AssetCheckResult(
            passed=age_h <= use_case.freshness_h,
            severity=dg.AssetCheckSeverity.WARN,
            description=f"batch {newest.key} was accepted {age_h:.1f} hours ago; {use_case.freshness_h:g} are allowed",
            metadata={"age_h": age_h},
        )

    return batches_still_arrive
