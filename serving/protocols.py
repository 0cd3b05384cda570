"""What the router asks of a model and of a registry; bundles and MLflow are one implementation, tests have another."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from mlops_assets.bundle.abstention import Abstention
from mlops_assets.bundle.errors import InputError
from resources.registry import Version


class Model(Protocol):
    """What a loaded bundle offers."""

    @property
    def engine(self) -> str:
        """What computes: 'onnx' or 'skops'."""

    @property
    def classes(self) -> tuple[Any, ...] | None:
        """Labels in the order of the probabilities; None for a regression."""

    @property
    def abstention(self) -> Abstention | None:
        """When it abstains; None where it never does."""

    def answer_rows(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """Values and, for a classification, probabilities of rows of raw values, and what abstaining goes by.

        Raises an InputError that names the column where a row does not fit the schema of this version.
        """

    def refusals(self, rows: Sequence[Any]) -> dict[int, InputError]:
        """What is wrong with the rows that this version cannot answer, by position."""


class Registry(Protocol):
    """What is asked of the registry; RegistryError when it does not answer."""

    def version_by_alias(self, name: str, alias: str) -> Version | None:
        """The version that carries an alias."""

    def download(self, name: str, version: int, folder: Path) -> Path:
        """The bundle's folder, copied below `folder`."""

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Move an alias to a version."""

    def drop_alias(self, name: str, alias: str) -> None:
        """Take an alias away; no error when no version carries it."""
