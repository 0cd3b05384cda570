"""A candidate that passed the gate becomes a version, once, whatever is killed in between."""

import tempfile
from pathlib import Path
from typing import Any

from mlops_assets.spec import UseCase
from resources import failpoint
from resources.installation import Installation
from resources.promotion import reconcile
from resources.registry import Version
from resources.state import promotions
from resources.state.retrains import Retrain, change_retrain

RETRAIN_TAG = "retrain_id"


def register(installation: Installation, use_case: UseCase, retrain: Retrain, report: dict[str, Any]) -> Version:
    """The version of this retrain: the one an earlier, interrupted attempt made, or a new one."""
    tags = {RETRAIN_TAG: str(retrain.id), "data_hash": retrain.data_hash, "dagster/run_id": retrain.dagster_run_id}
    for version in installation.registry.versions(use_case.name):
        if all(version.tags.get(name) == value for name, value in tags.items()):
            return version
    place = (use_case.name, "candidates", f"{retrain.id:06d}", "bundle")
    with tempfile.TemporaryDirectory() as folder:
        for name in installation.lake.names(*place):
            (Path(folder) / name).write_bytes(installation.lake.read_bytes(*place, name))
        made = installation.registry.register_bundle(
            use_case.name,
            Path(folder),
            str(retrain.mlflow_run_id),
            tags={**tags, "model": report["model"], "cause": retrain.cause[:500]},
            features=use_case.features,
            output=_output(use_case),
        )
    failpoint.reach("registered_before_row")
    return made


def finish(
    installation: Installation, use_case: UseCase, retrain: Retrain, version: Version | None, reason: str
) -> None:
    """The retrain's end in the state database, then the aliases; the first version of all becomes champion."""
    with installation.state.write() as connection:
        change_retrain(
            connection,
            retrain.id,
            status="registered" if version else "refused",
            reason=reason,
            version=version.version if version else None,
            finished_at=installation.clock(),
        )
        champion = promotions.current(connection, use_case.name)
        if version is not None and champion is None:
            # In the same transaction: a retrain that ended without its promotion would leave no champion for good.
            promotions.promote(
                connection,
                use_case.name,
                version.version,
                expected=None,
                kind="first",
                reason=retrain.cause,
                at=installation.clock(),
                by="registered_version",
            )
    failpoint.reach("row_before_alias")
    reconcile(installation, use_case)
    stage = "Production" if champion is None else "Staging"
    if version is not None:
        installation.registry.set_tags(use_case.name, version.version, {"stage": stage})


def _output(use_case: UseCase) -> str:
    if use_case.task == "regression":
        return "double"
    return "long" if use_case.columns[use_case.target].kind == "numeric" else "string"
