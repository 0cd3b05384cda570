"""The model registry: MLflow's versions and aliases behind a few verbs.

A version's artefacts are one folder: `bundle/`, which the router verifies and reads, and an `MLmodel` file beside it,
so that `mlflow.sklearn.load_model("models:/NAME@champion")` works for people who know MLflow.
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mlops_assets.spec import Column
from resources.mlflow_client import is_away, open_client

BUNDLE = "bundle"
PIPELINE = "pipeline.skops"
ABSENT = "RESOURCE_DOES_NOT_EXIST"


@dataclass(frozen=True)
class Version:
    """One registered version of a use case's model."""

    name: str
    version: int
    source: str
    run_id: str | None
    tags: dict[str, str] = field(default_factory=dict)


class RegistryError(RuntimeError):
    """The registry answered with an error, or not at all."""


class AbsentVersionError(RegistryError):
    """No such version is registered."""


class AwayError(RegistryError):
    """No server answers at the registry's address."""


@dataclass(frozen=True)
class Registry:
    """Versions and aliases at one MLflow address, artefacts below `artifact_root`."""

    uri: str
    artifact_root: str

    @cached_property
    def client(self) -> Any:
        """MLflow's client; the first use imports MLflow."""
        return open_client(self.uri)

    def version_by_alias(self, name: str, alias: str) -> Version | None:
        """The version that carries an alias; None when none does.

        Raises
        ------
        RegistryError
            If the registry cannot be asked.
        """
        try:
            found = self._ask("get_model_version_by_alias", name, alias)
        except _AbsentError:
            return None
        return _version(found)

    def versions(self, name: str) -> list[Version]:
        """All versions, newest first."""
        found = self._ask("search_model_versions", f"name='{name}'")
        return sorted((_version(one) for one in found), key=lambda one: -one.version)

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Move an alias to a version."""
        self._ask("set_registered_model_alias", name, alias, str(version))

    def drop_alias(self, name: str, alias: str) -> None:
        """Take an alias away; no error when no version carries it."""
        if self.version_by_alias(name, alias) is not None:
            self._ask("delete_registered_model_alias", name, alias)

    def set_tags(self, name: str, version: int, tags: Mapping[str, str]) -> None:
        """Write tags on a version."""
        for key, value in tags.items():
            self._ask("set_model_version_tag", name, str(version), key, value)

    def download(self, name: str, version: int, folder: Path) -> Path:
        """The bundle's folder, copied below `folder`.

        Raises
        ------
        AbsentVersionError, AwayError, RegistryError
            If there is no such version; if no server answers; if it cannot be had otherwise.
        """
        from mlflow.artifacts import download_artifacts
        from mlflow.exceptions import MlflowException

        try:
            # A models:/ address would be looked up in MLflow's global registry address instead of this one.
            source = self.client.get_model_version_download_uri(name, str(version))
            download_artifacts(f"{source}/{BUNDLE}", dst_path=str(folder), tracking_uri=self.uri)
        except (MlflowException, OSError) as error:
            if is_away(error):
                raise self._away(f"download of version {version} of {name!r}") from error
            absent = getattr(error, "error_code", "") == ABSENT
            raise (AbsentVersionError if absent else RegistryError)(
                f"registry: version {version} of {name!r} cannot be downloaded: {error}"
            ) from error
        return folder / BUNDLE

    def register_bundle(
        self,
        name: str,
        bundle: Path,
        run_id: str,
        *,
        tags: Mapping[str, str] | None = None,
        alias: str | None = None,
        features: Mapping[str, Column] | None = None,
        output: str | None = None,
    ) -> Version:
        """A new version whose artefacts are the files of the folder `bundle`.

        Parameters
        ----------
        run_id : str
            MLflow run that made it; the version appears there as its output.
        features, output
            Columns the model takes and the MLflow type it answers ('long', 'double', 'string'), for the signature
            that MLflow's page shows; None = no signature.
        """
        from mlflow.entities import LoggedModelOutput

        experiment = self._ask("get_run", run_id).info.experiment_id
        model = self._ask("create_logged_model", experiment, name=name, source_run_id=run_id)
        with tempfile.TemporaryDirectory() as folder:
            described = Path(folder, "MLmodel")
            described.write_text(_mlmodel(bundle, model.model_id, run_id, features, output), encoding="utf-8")
            self._ask("log_model_artifact", model.model_id, str(described))
        self._ask("log_model_artifacts", model.model_id, str(bundle), artifact_path=BUNDLE)
        self._ask("finalize_logged_model", model.model_id, "READY")
        self._ask("log_outputs", run_id, [LoggedModelOutput(model.model_id, 0)])
        self._open_model(name)
        # Over a database, MLflow looks a models:/ address up in its global tracking address instead of this one.
        source = f"models:/{model.model_id}" if self.uri.startswith("http") else model.artifact_location
        options = {"run_id": run_id, "model_id": model.model_id, "tags": dict(tags or {})}
        made = _version(self._ask("create_model_version", name, source, **options))
        if alias is not None:
            self.set_alias(name, alias, made.version)
        return made

    def _open_model(self, name: str) -> None:
        try:
            self._ask("get_registered_model", name)
        except _AbsentError:
            self._ask("create_registered_model", name)

    def _ask(self, verb: str, *arguments: Any, **options: Any) -> Any:
        """What MLflow answers; its absences and its failures as ours."""
        import sqlalchemy as sa

        client = self.client
        from mlflow.exceptions import MlflowException

        try:
            return getattr(client, verb)(*arguments, **options)
        except MlflowException as error:
            if is_away(error):
                raise self._away(verb) from error
            # A missing alias is answered with INVALID_PARAMETER_VALUE, a missing model with RESOURCE_DOES_NOT_EXIST.
            no_alias = "alias" in str(error) and "not found" in str(error)
            absent = no_alias or error.error_code == ABSENT
            raise (_AbsentError if absent else RegistryError)(f"registry {verb}: {error}") from error
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise RegistryError(f"registry {verb}: {error}") from error

    def _away(self, verb: str) -> AwayError:
        place = urlsplit(self.uri)
        where = f"{place.scheme}://{place.netloc.rpartition('@')[2]}"  # without a user and a password
        return AwayError(
            f"registry {verb}: no MLflow server answers at {where}; start it, or set MLOPS_MLFLOW_URI to where one is"
        )


class _AbsentError(RegistryError):
    """What was asked for is not there."""


def _version(found: Any) -> Version:
    return Version(found.name, int(found.version), found.source, found.run_id or None, dict(found.tags))


def _mlmodel(
    bundle: Path, model_id: str, run_id: str, features: Mapping[str, Column] | None, output: str | None
) -> str:
    """Text of the MLmodel file; where the bundle has a pipeline, MLflow's scikit-learn flavour can read it."""
    import mlflow
    import yaml

    described: dict[str, Any] = {
        "flavors": _flavours(bundle),
        "mlflow_version": mlflow.__version__,
        "model_id": model_id,
        "run_id": run_id,
    }
    if features is not None and output is not None:
        described["signature"] = _signature(features, output)
    return str(yaml.safe_dump(described))


def _flavours(bundle: Path) -> dict[str, dict[str, Any]]:
    """None for a fine-tuned text model: it is a graph and a tokenizer, which no flavour reads together."""
    if not (bundle / PIPELINE).exists():
        return {}
    import skops.io

    untrusted = skops.io.get_untrusted_types(file=bundle / PIPELINE)
    return {
        "sklearn": {
            "pickled_model": f"{BUNDLE}/{PIPELINE}",
            "serialization_format": "skops",
            "skops_trusted_types": untrusted,
        }
    }


def _signature(features: Mapping[str, Column], output: str) -> dict[str, str | None]:
    types = {name: "double" if column.kind == "numeric" else "string" for name, column in features.items()}
    inputs = [{"type": kind, "name": name, "required": False} for name, kind in types.items()]
    return {
        "inputs": json.dumps(inputs),
        "outputs": json.dumps([{"type": output, "required": True}]),
        "params": None,
    }
