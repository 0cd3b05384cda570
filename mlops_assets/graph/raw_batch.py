"""The batch as it came."""

import dagster as dg

from mlops_assets.graph.keys import asset_facts
from mlops_assets.graph.metadata import records_metadata, table_metadata
from mlops_assets.spec import UseCase
from resources.failpoint import reach
from resources.installation import Installation

ROWS_SHOWN = 5


def build_raw_batch(use_case: UseCase, partitions: dg.DynamicPartitionsDefinition) -> dg.AssetsDefinition:
    """The asset that decodes the staged bytes of a batch."""

    @dg.asset(
        **asset_facts(use_case, "raw_batch"),
        partitions_def=partitions,
        kinds={"pandas", "parquet"},
        retry_policy=dg.RetryPolicy(max_retries=1),
        description=f"One landed batch, decoded: the declared columns and what each looks like. {use_case.description}",
    )
    def raw_batch(
        context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
    ) -> dg.MaterializeResult:
        from mlops_assets.decode.aside import Aside
        from mlops_assets.decode.errors import DecodeError
        from mlops_assets.decode.table import decode_batch
        from mlops_assets.validation.profile import batch_metadata
        from resources.document_store import BatchReadings
        from resources.state import ledger

        with installation.state.read() as connection:
            batch = ledger.find(connection, context.partition_key)
        lake = installation.lake
        aside = Aside(context.log.info, BatchReadings(lake, use_case.name))
        try:
            frame = decode_batch(lake.read_staged(use_case.name, batch.sha256), use_case, aside)
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
                "first_rows": records_metadata(frame.head(ROWS_SHOWN).to_dict("records")),
            },
            data_version=dg.DataVersion(batch.sha256),
        )

    return raw_batch
