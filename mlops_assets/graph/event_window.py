"""The rows of one closed window of event time."""

import dagster as dg

from mlops_assets.graph.keys import asset_facts, asset_key
from mlops_assets.graph.metadata import records_metadata, table_metadata
from mlops_assets.spec import UseCase
from resources.installation import Installation


def build_event_window(use_case: UseCase, partitions: dg.DynamicPartitionsDefinition) -> dg.AssetsDefinition:
    """The asset that keeps the rows of a closed window together, whichever batches brought them."""

    @dg.asset(
        **asset_facts(use_case, "window"),
        partitions_def=partitions,
        deps=[dg.AssetDep(asset_key(use_case, "validated_batch"), partition_mapping=dg.AllPartitionMapping())],
        kinds={"pandas", "parquet"},
        retry_policy=dg.RetryPolicy(max_retries=1),
        description="Accepted rows of one closed window of event time; late ones are counted and stay in their batch.",
    )
    def window(context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]) -> dg.MaterializeResult:
        from mlops_assets.graph.steps.windows import keep_window

        kept = keep_window(installation, use_case, context.partition_key)
        about = kept.window
        context.log.info(
            f"window {about.key}: {about.rows:,} rows of {about.batches} batch(es), {about.late_rows} late"
        )
        return dg.MaterializeResult(
            metadata={
                **table_metadata(kept.frame),
                "start": about.start.isoformat(),
                "end": about.end.isoformat(),
                "batches": about.batches,
                "late_rows": about.late_rows,
                "late": records_metadata([{"batch": part.batch, "rows": part.rows} for part in kept.late]),
                "table": dg.MetadataValue.path(kept.path),
            },
            data_version=dg.DataVersion(str(about.content_hash)),
        )

    return window
