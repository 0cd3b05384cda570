"""What a retrain leaves in MLflow."""

from importlib.metadata import version
from typing import Any

from mlops_assets.bundle.manifest import LIBRARIES
from mlops_assets.graph.keys import CODE_VERSION
from mlops_assets.graph.steps.fitted import Fitted
from mlops_assets.spec import UseCase
from resources.state.retrains import Retrain
from resources.tracking import DatasetInput, Run

FIT_FACTS = ("stopped", "best_epoch", "seconds", "device", "parity", "cascade")  # of a costly model's fit


def training_run(fitted: Fitted, use_case: UseCase, retrain: Retrain) -> Run:
    """Parameters, metrics with intervals, the leaderboard, plots, explanations and the data, as one value."""
    return Run(
        experiment=use_case.name,
        name=f"retrain {retrain.id}: {fitted.trained.name}",
        params={
            "model": fitted.trained.name,
            "family": fitted.trained.family,
            **fitted.trained.params,
            **{f"training.{name}": value for name, value in use_case.training.model_dump(mode="json").items()},
            **{f"library.{name}": version(name) for name in LIBRARIES},
            **{f"library.{name}": one for name, one in fitted.trained.record.get("libraries", {}).items()},
            **{f"fit.{name}": fitted.trained.record[name] for name in FIT_FACTS if name in fitted.trained.record},
        },
        metrics=_metrics(fitted),
        tags={
            "dagster_run_id": retrain.dagster_run_id,
            "data_hash": retrain.data_hash,
            "code_version": CODE_VERSION,
            "cause": retrain.cause,
            "gate": fitted.assessment.gate.reason,
        },
        artifacts={
            "report.json": fitted.report(),
            "use_case.json": use_case.model_dump(mode="json"),
            **{f"plots/{name}.png": png for name, png in fitted.plots.items()},
        },
        tables={
            "leaderboard.json": fitted.trained.board.to_records(),
            **({"fit_curve.json": fitted.trained.record["curve"]} if fitted.trained.record else {}),
        },
        datasets=[
            DatasetInput(f"batch {key}", key.rpartition("-")[2], f"lake/{use_case.name}/accepted/{key}.parquet")
            for key in retrain.batches
        ],
    )


def _metrics(fitted: Fitted) -> dict[str, float]:
    found: dict[str, Any] = {}
    for name, interval in fitted.intervals.items():
        found[f"holdout_{name}"] = interval.estimate
        found[f"holdout_{name}_low"] = interval.low
        found[f"holdout_{name}_high"] = interval.high
    promise = fitted.promise
    if promise is not None:
        found |= {"promised": promise.expected, "promised_low": promise.low, "promised_high": promise.high}
    overall = fitted.assessment.overall
    if overall is not None:
        found |= {"better_by": overall.estimate, "better_by_low": overall.low, "better_by_high": overall.high}
    return {name: value for name, value in found.items() if value == value}
