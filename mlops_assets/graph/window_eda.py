"""What a closed window looks like, and all rows so far."""

from typing import TYPE_CHECKING, Any

import dagster as dg

from mlops_assets.graph.keys import asset_facts, asset_key
from mlops_assets.graph.metadata import picture, records_metadata
from mlops_assets.spec import UseCase
from resources.installation import Installation

if TYPE_CHECKING:
    from mlops_assets.graph.steps.eda import Explored

PAIRS_SHOWN = 10


def build_window_eda(use_case: UseCase, partitions: dg.DynamicPartitionsDefinition) -> dg.AssetsDefinition:
    """The asset that explores a window: distributions, associations, missing values, the target over time."""

    @dg.asset(
        **asset_facts(use_case, "window_eda"),
        partitions_def=partitions,
        deps=[asset_key(use_case, "window")],
        kinds={"matplotlib", "html"},
        retry_policy=dg.RetryPolicy(max_retries=1),
        description="One window explored, as a page and as pictures; with the last one due and on the way, all rows.",
    )
    def window_eda(
        context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
    ) -> dg.MaterializeResult:
        from mlops_assets.graph.steps.eda import ALL, keep_pages

        key, lake = context.partition_key, installation.lake
        explored, together = keep_pages(installation, use_case, key)
        context.log.info(f"window {key}: explored {explored.found.rows:,} rows")
        metadata = {"page": dg.MetadataValue.path(lake.path(use_case.name, "eda", f"{key}.html")), **_facts(explored)}
        if together is not None:
            metadata["page_over_all"] = dg.MetadataValue.path(lake.path(use_case.name, "eda", f"{ALL}.html"))
            metadata["distributions_over_all"] = picture(together.distributions)
            metadata["associations_over_all"] = picture(together.associations)
        return dg.MaterializeResult(metadata=metadata)

    return window_eda


def _facts(explored: "Explored") -> dict[str, dg.MetadataValue[Any]]:
    from mlops_assets.report.eda_page import figures_sentence, sample_sentence

    found = explored.found
    columns = [
        {"column": one.name, "kind": one.kind, "missing": one.missing_share, "figures": figures_sentence(one)}
        for one in found.columns
    ]
    pairs = [
        {"column": one.a, "and": one.b, "measure": one.measure, "value": one.value}
        for one in found.strongest[:PAIRS_SHOWN]
    ]
    return {
        "rows": dg.MetadataValue.int(found.rows),
        "figures_of": dg.MetadataValue.text(sample_sentence(found)),
        "distributions": picture(explored.distributions),
        "associations": picture(explored.associations),
        "columns": records_metadata(columns),
        "strongest_associations": records_metadata(pairs),
    }
