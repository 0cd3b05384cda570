"""Engines by the name a use case gives them: what compares candidates."""

from mlops_assets.training.engines import lean, pycaret
from mlops_assets.training.engines.protocol import Engine

ENGINES: dict[str, Engine] = {
    "pycaret": pycaret.open_comparison,
    "lean": lean.open_comparison,
}
