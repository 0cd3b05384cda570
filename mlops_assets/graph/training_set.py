"""The rows a retrain learns from."""

import json

import dagster as dg

from mlops_assets.decision.gain import ExpectedGain, gain_sentence
from mlops_assets.graph.keys import CAUSE_TAG, EXPECTED_TAG, asset_facts, asset_key
from mlops_assets.graph.metadata import records_metadata, table_metadata
from mlops_assets.spec import UseCase
from resources.installation import Installation


def build_training_set(use_case: UseCase) -> dg.AssetsDefinition:
    """The asset that joins the accepted rows of the batches that the policy chooses."""

    @dg.asset(
        **asset_facts(use_case, "training_set"),
        deps=[dg.AssetDep(asset_key(use_case, "validated_batch"), partition_mapping=dg.AllPartitionMapping())],
        kinds={"pandas", "parquet"},
        retry_policy=dg.RetryPolicy(max_retries=1),
        description="Accepted rows of the chosen batches; a batch that was rejected is never among them.",
    )
    def training_set(
        context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
    ) -> dg.MaterializeResult:
        from mlops_assets.graph.steps.training_set import collect

        cause = context.run.tags.get(CAUSE_TAG, "started by hand")
        expected = json.loads(context.run.tags.get(EXPECTED_TAG, "null"))
        collected = collect(installation, use_case, context.run.run_id, cause, expected)
        context.log.info(f"{len(collected.frame):,} rows of {len(collected.window.batches)} batches, because: {cause}")
        return dg.MaterializeResult(
            metadata={
                **table_metadata(collected.frame),
                "cause": cause,
                "expected_gain": gain_sentence(ExpectedGain.from_dict(expected) if expected else None),
                "data_hash": collected.window.data_hash,
                "batches": records_metadata(
                    [{"batch": b.key, "file": b.name, "rows": b.rows_accepted} for b in collected.window.batches]
                ),
                "table": dg.MetadataValue.path(collected.path),
            },
            data_version=dg.DataVersion(collected.window.data_hash),
        )

    return training_set
