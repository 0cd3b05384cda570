"""The installation a command works on: settings read, home made, connections ready."""

import os
from typing import Any

from mlops_assets.cli.console import say
from mlops_assets.spec import UseCase
from mlops_assets.use_cases.load import SpecError, load_use_cases
from resources.home import prepare_home
from resources.installation import Installation
from resources.settings import Settings, read_settings


def open_installation(use_cases: dict[str, UseCase] | None = None, **overrides: Any) -> Installation:
    """The installation of this environment; `overrides` are settings that win over variables."""
    settings = read_settings(**overrides)
    known = use_cases if use_cases is not None else load_use_cases(settings.own_use_cases)
    export(settings)
    prepare_home(settings, known, first_start=lambda: create_databases(settings))
    return Installation(settings, known)


def export(settings: Settings) -> None:
    """Tell this process and its children the home."""
    os.environ["MLOPS_HOME"] = str(settings.root)
    os.environ["MLOPS_ROUTER_PORT"] = str(settings.router_port)
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)


def create_databases(settings: Settings) -> None:
    """Dagster's and MLflow's databases, which must not be created by two processes at once."""
    say(f"making {settings.root}, once: the databases of Dagster and MLflow take some seconds")
    import dagster as dg

    from resources.tracking import create_tracking_database

    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    with dg.DagsterInstance.get():
        pass
    if not settings.mlflow_is_served:
        create_tracking_database(settings.mlflow_address)


def pick(installation: Installation, name: str) -> UseCase:
    """The use case of that name.

    Raises
    ------
    SpecError
        If there is none; the sentence lists those that exist.
    """
    if name not in installation.use_cases:
        raise SpecError(f"use case {name!r} is unknown; available: {', '.join(sorted(installation.use_cases))}")
    return installation.use_cases[name]
