"""Who is champion, after acting on the verdict."""

from typing import Any

import dagster as dg

from mlops_assets.graph.keys import asset_facts, asset_key
from mlops_assets.graph.metadata import records_metadata
from mlops_assets.spec import UseCase
from resources.installation import Installation


def build_champion(use_case: UseCase) -> dg.AssetsDefinition:
    """The asset that promotes on a verdict, and keeps the registry's aliases equal to the promotion rows."""

    @dg.asset(
        **asset_facts(use_case, "champion"),
        deps=[asset_key(use_case, "verdict")],
        kinds={"mlflow"},
        pool="promotion",
        retry_policy=dg.RetryPolicy(max_retries=1),
        description="The version that answers as arm A, and how it came to be.",
    )
    def champion(
        context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
    ) -> dg.MaterializeResult:
        from mlops_assets.graph.steps.act import act
        from mlops_assets.graph.steps.certify import certify
        from resources.promotion import reconcile

        acted = act(installation, use_case)
        context.log.info(acted)
        reconcile(installation, use_case)
        for kept in certify(installation, use_case):
            context.log.info(f"certificate {kept.name}: SHA-256 {kept.sha256}")
        return dg.MaterializeResult(metadata={"acted": acted, **_history(installation, use_case)})

    return champion


def _history(installation: Installation, use_case: UseCase) -> dict[str, Any]:
    from resources.state import promotions

    with installation.state.read() as connection:
        rows = promotions.history(connection, use_case.name)
    shown = [
        {
            "version": row.to_version,
            "kind": row.kind,
            "since": row.at.isoformat(timespec="seconds"),
            "reason": row.reason,
        }
        for row in rows
    ]
    return {
        "champion_version": rows[0].to_version if rows else "none yet",
        "dagster/row_count": len(rows),
        "champions": records_metadata(shown),
    }
