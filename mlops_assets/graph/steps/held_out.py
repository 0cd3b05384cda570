"""How good a version was on the rows that were held out of its training."""

import json

from mlops_assets.spec import UseCase
from resources.installation import Installation
from resources.state.retrains import retrain_of_version


def held_out(installation: Installation, use_case: UseCase, version: int) -> str | None:
    """Model, metric with its 95 % interval and rows, in words; None where no report of its training is kept."""
    with installation.state.read() as connection:
        retrain = retrain_of_version(connection, use_case.name, version)
    if retrain is None:
        return None
    place = (use_case.name, "candidates", f"{retrain.id:06d}", "report.json")
    if not installation.lake.exists(*place):
        return None
    report = json.loads(installation.lake.read_bytes(*place))
    metric = report["metrics"].get(use_case.training.metric)
    if metric is None:  # the use case is judged otherwise by now
        return str(report["model"])
    score = "{estimate:.4g} ({low:.4g} to {high:.4g})".format(**metric)
    return f"{report['model']}, {use_case.training.metric} {score} on {report['rows_holdout']:,} held-out rows"
