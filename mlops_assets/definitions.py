"""The code location: every use case's part of the graph, and the installation they work on."""

import dagster as dg

from mlops_assets.graph.factory import build_definitions
from mlops_assets.use_cases.load import load_use_cases
from resources.installation import Installation
from resources.settings import read_settings


def definitions_of(installation: Installation) -> dg.Definitions:
    """The definitions of every use case of an installation.

    The executor is the one of the jobs, so that what a person materialises by hand runs in one process as well.
    """
    parts = [build_definitions(use_case) for use_case in installation.use_cases.values()]
    shared = dg.Definitions(resources={"installation": installation}, executor=dg.in_process_executor)
    return dg.Definitions.merge(shared, *parts)


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster dev` loads."""
    settings = read_settings()
    return definitions_of(Installation(settings, load_use_cases(settings.own_use_cases)))
