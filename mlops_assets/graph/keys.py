"""How the parts of one use case are named in Dagster: asset keys, jobs, tags, partitions."""

from typing import TypedDict

import dagster as dg

from mlops_assets.spec import UseCase

USE_CASE_TAG = "mlops/use_case"
CAUSE_TAG = "mlops/cause"
EXPECTED_TAG = "mlops/expected"
CODE_VERSION = "1"


def asset_key(use_case: UseCase, name: str) -> dg.AssetKey:
    """Key of an asset, below the use case's name."""
    return dg.AssetKey([use_case.name, name])


class AssetFacts(TypedDict):
    """Arguments that every asset passes to Dagster."""

    key: dg.AssetKey
    group_name: str
    owners: list[str]
    code_version: str


def asset_facts(use_case: UseCase, name: str) -> AssetFacts:
    """What every asset of a use case says of itself the same way."""
    return {
        "key": asset_key(use_case, name),
        "group_name": use_case.name,
        "owners": [use_case.owner],
        "code_version": CODE_VERSION,
    }


def batch_partitions(use_case: UseCase) -> dg.DynamicPartitionsDefinition:
    """One partition for each batch; its key is the batch's key in the ledger."""
    return dg.DynamicPartitionsDefinition(name=f"{use_case.name}_batches")


def window_partitions(use_case: UseCase) -> dg.DynamicPartitionsDefinition:
    """One partition for each closed window of a stream; its key is the window's key."""
    return dg.DynamicPartitionsDefinition(name=f"{use_case.name}_windows")


def job_name(use_case: UseCase, verb: str) -> str:
    """Name of a job: batch, train, decide, watch or window."""
    return f"{use_case.name}_{verb}"


def run_tags(use_case: UseCase, **more: str) -> dict[str, str]:
    """Tags of every run that belongs to the use case."""
    return {USE_CASE_TAG: use_case.name, **{f"mlops/{key}": value for key, value in more.items()}}
