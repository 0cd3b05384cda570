"""Settings of one installation, read from the environment (prefix MLOPS_) once, typed and checked.

Everything the system keeps lies under `home`; each address below can point elsewhere with one variable.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "MLOPS_"


class SettingsError(ValueError):
    """A variable that is unknown or has a wrong value, in one sentence."""


class Settings(BaseSettings):
    """Addresses, ports and folders of one installation."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    home: Path = Field(Path(".mlops"), description="folder of everything the system keeps")
    use_cases: Path | None = Field(None, description="folder of the user's own use cases; default: in home")
    landing: str | None = Field(None, description="where batches land, any fsspec address; default: landing in home")
    lake: str | None = Field(None, description="where tables are kept, any fsspec address; default: lake in home")
    state_url: SecretStr | None = Field(
        None, description="SQLAlchemy address of the state database; default: SQLite in home"
    )
    mlflow_uri: str | None = Field(None, description="MLflow tracking and registry address; default: SQLite in home")
    mlflow_artifacts: str | None = Field(None, description="root of artefacts; default: in home")
    host: str = Field(
        "127.0.0.1", description="address the router binds to; beyond this machine only with keys (mlops keys create)"
    )
    router_port: int = Field(5050, ge=1, le=65535, description="port of the router")
    router_workers: int = Field(1, ge=1, le=64, description="processes that answer on the router's port")
    router_threads: int = Field(
        256, ge=1, le=4096, description="requests a worker works on at once; a thread starts when it is needed"
    )
    router_poll_s: float = Field(
        1.0, gt=0, le=60, description="seconds between two looks of the router at the registry and at the state"
    )
    accept_libraries: str = Field(
        "",
        pattern=r"^([a-z0-9_]+/[0-9]+(,[a-z0-9_]+/[0-9]+)*)?$",
        description="versions to serve although other versions of the libraries wrote them, such as wine_quality/7; "
        "separated by commas",
    )
    trusted_hosts: str = Field(
        "", description="names a request may call the router by, beside those of this machine, separated by commas"
    )
    proxy_hops: int = Field(0, ge=0, le=5, description="proxies in front of the router whose X-Forwarded headers count")
    keys_required: bool = Field(False, description="ask for keys on this machine too; beyond it they always are")
    rate_limit: str | None = Field(
        None,
        pattern=r"^[1-9][0-9]{0,8}/(second|minute|hour|day)$",
        description="requests of one caller, such as 600/minute; none when unset",
    )
    rate_limit_storage: SecretStr | None = Field(
        None, description="where workers share the counts, such as redis://127.0.0.1:6379; default: a file in home"
    )
    log_mode: Literal["sync", "fsync", "async"] = Field(
        "sync",
        description="when an answer goes out: its row is committed (survives a killed process); and on the disk "
        "(survives a power cut); or only waits to be written (a killed worker loses at most log_buffer_rows)",
    )
    log_buffer_rows: int = Field(1000, ge=1, le=1_000_000, description="rows that may wait for the prediction log")
    log_sync_s: float = Field(
        0.1, gt=0, le=60, description="in mode sync: seconds of committed rows that a power cut may take"
    )
    dagster_port: int = Field(3000, ge=1, le=65535, description="port of Dagster's pages")
    mlflow_port: int = Field(5001, ge=1, le=65535, description="port of MLflow's pages")

    @property
    def landing_root(self) -> str:
        """Address below which each use case has its landing folder."""
        return self.landing or str(self.root / "landing")

    @property
    def lake_root(self) -> str:
        """Address below which the tables of each use case are kept."""
        return self.lake or str(self.root / "lake")

    @property
    def state_address(self) -> str:
        """SQLAlchemy address of the state database."""
        return self.state_url.get_secret_value() if self.state_url else f"sqlite:///{self.root / 'state.db'}"

    @property
    def mlflow_address(self) -> str:
        """Tracking and registry address."""
        return self.mlflow_uri or f"sqlite:///{self.root / 'mlflow' / 'mlflow.db'}"

    @property
    def mlflow_is_served(self) -> bool:
        """True when another MLflow server keeps runs and versions, behind HTTP."""
        return self.mlflow_address.startswith(("http://", "https://"))

    @property
    def mlflow_page(self) -> str:
        """Address of MLflow's pages, without a user and a password."""
        if not self.mlflow_is_served:
            return f"http://127.0.0.1:{self.mlflow_port}"
        scheme, _, rest = self.mlflow_address.rstrip("/").partition("://")
        return f"{scheme}://{rest.rpartition('@')[2]}"

    @property
    def router_address(self) -> str:
        """Address at which this machine reaches the router; one that binds to every address is asked on loopback."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host.strip("[]"), self.host.strip("[]"))
        return f"http://{f'[{host}]' if ':' in host else host}:{self.router_port}"

    @property
    def artifact_root(self) -> str:
        """Address below which MLflow keeps artefacts."""
        return self.mlflow_artifacts or str(self.root / "mlflow" / "artifacts")

    @property
    def accepted_versions(self) -> frozenset[tuple[str, int]]:
        """Use case and version of what `accept_libraries` names."""
        pairs = (one.split("/") for one in self.accept_libraries.split(",") if one)
        return frozenset((name, int(version)) for name, version in pairs)

    @property
    def own_use_cases(self) -> Path:
        """Folder of the user's own use cases, read beside the shipped ones."""
        return self.use_cases or self.root / "use_cases"

    @property
    def root(self) -> Path:
        """The home as an absolute path."""
        return self.home.expanduser().absolute()

    @property
    def dagster_home(self) -> Path:
        """Folder of the Dagster instance."""
        return self.root / "dagster"


def read_settings(environment: Mapping[str, str] = os.environ, **overrides: Any) -> Settings:
    """Settings from environment variables, overrides last.

    Raises
    ------
    SettingsError
        Naming the variable, its value (secrets masked) and what is allowed.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            raise SettingsError(f"environment: {name} is unknown; known: {', '.join(sorted(known))}")
    values = {key.removeprefix(PREFIX).lower(): value for key, value in environment.items() if key in known}
    try:
        return Settings.model_validate(values | overrides)
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from error


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    name = PREFIX + str(first["loc"][0]).upper() if first["loc"] else PREFIX
    shown = "***" if "URL" in name else repr(first["input"])
    return f"environment: {name}={shown}: {first['msg'].lower()}"
