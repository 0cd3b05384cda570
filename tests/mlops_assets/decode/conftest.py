"""Small use cases, made from the keys that a test cares about."""

from collections.abc import Callable
from typing import Any

import pytest

from mlops_assets.spec import UseCase

MakeUseCase = Callable[..., UseCase]


@pytest.fixture
def make_use_case() -> MakeUseCase:
    def make(columns: dict[str, Any] | None = None, **keys: Any) -> UseCase:
        values: dict[str, Any] = {
            "name": "parcels",
            "description": "Minutes by weight.",
            "task": "regression",
            "target": "minutes",
            "format": {"kind": "delimited"},
            "columns": (columns or {"weight": {"kind": "numeric"}}) | {"minutes": {"kind": "numeric"}},
            "training": {"metric": "mae"},
            "decision": {"loss": "absolute"},
        }
        return UseCase.model_validate(values | keys)

    return make
