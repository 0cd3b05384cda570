"""The jobs of one use case: each a selection of assets run in one process, because imports are what a run costs."""

import dagster as dg

from mlops_assets.graph.freshness import FRESHNESS_CHECK
from mlops_assets.graph.keys import asset_key, job_name, run_tags
from mlops_assets.spec import UseCase

STAGES = {
    "batch": ("raw_batch", "validated_batch", "drift_score"),
    "train": ("training_set", "automl_model", "registered_version"),
    "decide": ("verdict", "champion"),
    "watch": ("drift_score",),
}
STREAM_STAGES = {"window": ("window", "window_eda", "window_loss", "race")}

DESCRIPTIONS = {
    "batch": "One landed batch: decode it, validate it, compare it with the champion's training data.",
    "train": "One retrain: collect accepted batches, let the engine pick a model, register it if it is good enough.",
    "decide": "Judge champion against challenger on the labels so far, and act on a verdict.",
    "watch": "Score the newest accepted batch against today's champion again, and check that data still arrives.",
    "window": "One closed window: its rows together, what they are like, the champion's loss, and who learns best.",
}


def stages_of(use_case: UseCase) -> dict[str, tuple[str, ...]]:
    """Job -> its assets; windows only where the use case is a stream."""
    return STAGES if use_case.stream is None else STAGES | STREAM_STAGES


def build_jobs(use_case: UseCase) -> list["dg.UnresolvedAssetJobDefinition"]:
    """The four jobs of a use case, a fifth for a stream."""
    return [_build_job(use_case, verb) for verb in stages_of(use_case)]


def _build_job(use_case: UseCase, verb: str) -> "dg.UnresolvedAssetJobDefinition":
    return dg.define_asset_job(
        job_name(use_case, verb),
        selection=_selection(use_case, verb),
        description=f"{use_case.name}: {DESCRIPTIONS[verb]}",
        executor_def=dg.in_process_executor,
        tags=run_tags(use_case, job=verb),
    )


def _selection(use_case: UseCase, verb: str) -> dg.AssetSelection:
    chosen = dg.AssetSelection.assets(*(asset_key(use_case, stage) for stage in stages_of(use_case)[verb]))
    fresh = dg.AssetSelection.checks(dg.AssetCheckKey(asset_key(use_case, "validated_batch"), FRESHNESS_CHECK))
    return chosen | fresh if verb == "watch" else chosen - fresh
