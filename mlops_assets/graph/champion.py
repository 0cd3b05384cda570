"""Who is champion, after acting on the verdict."""

from typing import Any

import dagster as dg

from mlops_assets.graph.keys import asset_facts, asset_key
from mlops_assets.graph.metadata import records_metadata
from mlops_assets.spec import UseCase
from resources.installation import Installation


def build_champion(use_case: UseCase) -> dg.AssetsDefinition:
    """The asset that promotes on a verdict, keeps the registry's aliases equal to the rows, and writes certificates."""

    @dg.asset(
        **asset_facts(use_case, "champion"),
        deps=[asset_key(use_case, "verdict")],
        kinds={"mlflow"},
        pool="promotion",
        retry_policy=dg.RetryPolicy(max_retries=1),
        description="The version that answers as arm A, and the line of champions, each with its certificate.",
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
    from mlops_assets.graph.steps.champions import line_of_champions
    from mlops_assets.report.history import COLUMNS, history_rows

    line = line_of_champions(installation, use_case)
    shown = [
        dict(zip(COLUMNS, row, strict=True)) | {"SHA-256": one.sha256, "why": one.why}
        for row, one in zip(history_rows(line), line, strict=True)
    ]
    return {
        "champion_version": line[0].version if line else "none yet",
        "certificate": (line[0].certificate if line else None) or "none yet",
        "certificate_sha256": (line[0].sha256 if line else None) or "none yet",
        "dagster/row_count": len(line),
        "champions": records_metadata(shown),
    }
