"""Engines by the name a use case gives them: what compares candidates."""

from mlops_assets.training.engines import lean
from mlops_assets.training.engines.protocol import Engine

ENGINES: dict[str, Engine] = {
    "lean": lean.compare,
}
