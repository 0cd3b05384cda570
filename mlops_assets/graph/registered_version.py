"""The new version in the registry, or the reason there is none."""

import json
from typing import TYPE_CHECKING, Any

import dagster as dg

from mlops_assets.graph.keys import asset_facts, asset_key
from mlops_assets.graph.metadata import records_metadata
from mlops_assets.spec import UseCase
from resources.installation import Installation

if TYPE_CHECKING:
    from resources.registry import Version

CHECK = "good_enough"


def build_registered_version(use_case: UseCase) -> dg.AssetsDefinition:
    """The asset that registers a candidate that passed the gate: the first as champion, later ones as challenger."""
    key = asset_key(use_case, "registered_version")

    @dg.asset(
        **asset_facts(use_case, "registered_version"),
        deps=[asset_key(use_case, "automl_model")],
        kinds={"mlflow"},
        pool="training",
        check_specs=[dg.AssetCheckSpec(CHECK, asset=key, description="Held-out rows do not call it worse.")],
        retry_policy=dg.RetryPolicy(max_retries=1),
        description="The bundle in MLflow as champion (the first) or challenger, unless the gate refused it.",
    )
    def registered_version(
        context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
    ) -> dg.MaterializeResult:
        from mlops_assets.graph.steps.certify import certify
        from mlops_assets.graph.steps.registration import finish, register
        from mlops_assets.graph.steps.this_retrain import current_retrain

        retrain = current_retrain(installation, use_case, context.run.run_id)
        place = (use_case.name, "candidates", f"{retrain.id:06d}")
        report = json.loads(installation.lake.read_bytes(*place, "report.json"))
        passed, reason = report["assessment"]["passed"], report["assessment"]["reason"]
        version = register(installation, use_case, retrain, report) if passed else None
        finish(installation, use_case, retrain, version, reason)
        certify(installation, use_case)
        context.log.info(f"version {version.version} registered: {reason}" if version else f"refused: {reason}")
        return dg.MaterializeResult(
            metadata=_metadata(report, version),
            check_results=[
                dg.AssetCheckResult(
                    check_name=CHECK, passed=passed, severity=dg.AssetCheckSeverity.WARN, description=reason
                )
            ],
        )

    return registered_version


def _metadata(report: dict[str, Any], version: "Version | None") -> dict[str, Any]:
    overall = report["assessment"]["overall"]
    return {
        "version": version.version if version else "none: refused",
        "model": report["model"],
        "gate": report["assessment"]["reason"],
        "serves_as": report["engine"],
        "graph_refused": report["onnx_refused"] or "no: the graph says what the pipeline says",
        "better_by": overall["estimate"] if overall else float("nan"),
        "dagster/row_count": report["rows_trained"],
        "metrics": records_metadata([{"metric": name, **found} for name, found in report["metrics"].items()]),
    }
