"""What a closed window says about the champion."""

from typing import TYPE_CHECKING, Any

import dagster as dg

from mlops_assets.graph.keys import asset_facts, asset_key
from mlops_assets.graph.metadata import picture, rounded
from mlops_assets.spec import UseCase
from resources.installation import Installation

if TYPE_CHECKING:
    from mlops_assets.graph.steps.window_loss import WindowScored


def build_window_loss(use_case: UseCase, partitions: dg.DynamicPartitionsDefinition) -> dg.AssetsDefinition:
    """The asset that compares the champion's loss on a window with its loss at training."""

    @dg.asset(
        **asset_facts(use_case, "window_loss"),
        partitions_def=partitions,
        deps=[asset_key(use_case, "window")],
        kinds={"scipy", "matplotlib"},
        retry_policy=dg.RetryPolicy(max_retries=1),
        description="The champion's loss on a closed window against its loss at training, on rows that it never saw.",
    )
    def window_loss(
        context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
    ) -> dg.MaterializeResult:
        from mlops_assets.graph.steps.window_loss import score_window

        scored = score_window(installation, use_case, context.partition_key)
        if scored is None:
            return dg.MaterializeResult(metadata={"status": "no champion yet: there is nothing to score"})
        context.log.info(f"window {context.partition_key}: {scored.sentence}")
        return dg.MaterializeResult(metadata=_metadata(scored))

    return window_loss


def _metadata(scored: "WindowScored") -> dict[str, Any]:
    found: dict[str, Any] = {"status": scored.sentence, "champion_version": scored.champion_version}
    if (loss := scored.report.loss) is not None:
        found |= {
            "mean_loss": rounded(loss.mean_current),
            "mean_loss_at_training": rounded(loss.mean_reference),
            "loss_ratio": rounded(min(loss.ratio, 1e6)),
            "loss_p_value_at_any_time": loss.p_value,
            "labelled_rows": loss.n_current,
        }
    return found | ({} if scored.png is None else {"loss_by_window": picture(scored.png)})
