"""The best model that the engine found, judged beside the champion."""

from typing import TYPE_CHECKING, Any

import dagster as dg

from mlops_assets.graph.keys import asset_facts, asset_key
from mlops_assets.graph.metadata import picture, records_metadata, rounded
from mlops_assets.graph.mlflow_run import build_end_failed, mlflow_key
from mlops_assets.spec import UseCase
from resources.installation import Installation

if TYPE_CHECKING:
    from mlops_assets.graph.steps.fitted import Fitted
    from mlops_assets.training.board import Leaderboard


def build_automl_model(use_case: UseCase) -> dg.AssetsDefinition:
    """The asset that compares, tunes and fits candidates, and writes the winner as a bundle."""

    @dg.asset(
        **asset_facts(use_case, "automl_model"),
        deps=[asset_key(use_case, "training_set")],
        kinds={"scikitlearn", "mlflow"},
        pool="training",
        retry_policy=dg.RetryPolicy(max_retries=1),
        required_resource_keys={"installation", mlflow_key(use_case)},
        hooks={build_end_failed(use_case)},
        description=f"The winner by {use_case.training.metric} among the candidates of engine "
        f"'{use_case.training.engine}', fitted on the training set and judged on held-out rows beside the champion.",
    )
    def automl_model(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        from mlops_assets.graph.steps.fit import fit
        from mlops_assets.graph.steps.this_retrain import current_retrain
        from mlops_assets.training.automl import TrainingError

        installation: Installation = context.resources.installation
        retrain = current_retrain(installation, use_case, context.run.run_id)
        run = getattr(context.resources, mlflow_key(use_case)).active_run().info
        try:
            fitted = fit(installation, use_case, retrain, run.run_id, progress=context.log.info)
        except (ValueError, TrainingError) as error:  # the data's fault: it would fail again
            raise dg.Failure(str(error), allow_retries=False) from error
        for sentence in _promised(fitted).values():
            context.log.info(sentence)
        page = f"{installation.settings.mlflow_page}/#/experiments/{run.experiment_id}/runs/{run.run_id}"
        return dg.MaterializeResult(metadata=_metadata(fitted, page))

    return automl_model


def _metadata(fitted: "Fitted", page: str) -> dict[str, Any]:
    return {
        "model": fitted.trained.name,
        **{f"holdout_{name}": rounded(value) for name, value in fitted.metrics.items()},
        **_promised(fitted),
        "seconds": rounded(fitted.trained.seconds),
        "holdout_rows": len(fitted.truth),
        "dagster/row_count": fitted.rows_trained,
        "candidates": records_metadata(_board(fitted.trained.board)),
        **{f"{name}_plot": picture(png) for name, png in fitted.plots.items()},
        "mlflow_run": dg.MetadataValue.url(page),
    }


def _promised(fitted: "Fitted") -> dict[str, str]:
    return {} if fitted.promise is None else {"promise": fitted.promise.sentence(fitted.trained.board.metric)}


def _board(board: "Leaderboard") -> list[dict[str, Any]]:
    """The leaderboard narrow enough for a page: means, the spread of the metric that decides; MLflow has all of it."""
    shown = []
    for record in board.to_records():
        spread = {f"{board.metric} ±": record[f"{board.metric}_std"]}
        means = {name.removesuffix("_mean"): value for name, value in record.items() if name.endswith("_mean")}
        ordered = {board.metric: means.pop(board.metric), **spread, **means}
        note = record["reason"] or record["status"]
        costs = {"ms a request": record["request_ms"], "seconds": record["seconds"]}
        shown.append({"candidate": record["candidate"], **ordered, **costs, "note": note})
    return shown
