"""The batch as it came."""

import dagster as dg

from mlops_assets.graph.keys import CODE_VERSION, asset_key
from mlops_assets.graph.metadata import table_metadata
from mlops_assets.spec import UseCase
from resources.failpoint import reach
from resources.installation import Installation


def build_raw_batch(use_case: UseCase, partitions: dg.DynamicPartitionsDefinition) -> dg.AssetsDefinition:
    """The asset that decodes the staged bytes of a batch."""

    @dg.asset(
        key=asset_key(use_case, "raw_batch"),
        partitions_def=partitions,
        group_name=use_case.name,
        owners=[use_case.owner],
        kinds={"pandas", "parquet"},
        code_version=CODE_VERSION,
        retry_policy=dg.RetryPolicy(max_retries=1),
        description=f"One landed batch, decoded: the declared columns and what each looks like. {use_case.description}",
    )
    def raw_batch(
        context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
    ) -> dg.MaterializeResult:
        from mlops_assets.decode.errors import DecodeError
        from mlops_assets.decode.table import decode_batch
        from mlops_assets.validation.profile import batch_metadata
        from resources.state import ledger

        with installation.state.read() as connection:
            batch = ledger.find(connection, context.partition_key)
        lake = installation.lake
        try:
            frame = decode_batch(lake.read_staged(use_case.name, batch.sha256), use_case)
        except DecodeError as error:
            with installation.state.write() as connection:
                ledger.mark_failed(connection, batch.key, str(error), installation.clock())
            raise dg.Failure(str(error), metadata={"code": error.code}, allow_retries=False) from error
        path = lake.write_table(frame, use_case.name, "raw", f"{batch.key}.parquet")
        reach("raw_written")
        return dg.MaterializeResult(
            metadata={
                **table_metadata(frame),
                **batch_metadata(frame, use_case),
                "file": batch.name,
                "bytes": dg.MetadataValue.path(lake.path(use_case.name, "staged", batch.sha256)),
                "table": dg.MetadataValue.path(path),
            },
            data_version=dg.DataVersion(batch.sha256),
        )

    return raw_batch
