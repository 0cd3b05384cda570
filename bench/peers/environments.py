"""Environments of peers that this project does not depend on, each made the first time it is needed."""

import subprocess
import sys
from pathlib import Path

ENVIRONMENTS = Path(__file__).resolve().parents[2] / ".bench"
NEEDS = {
    "mlserver": ("mlserver", "mlserver-sklearn", "uvloop<0.22"),
    "bentoml": ("bentoml", "scikit-learn"),
    "evidently": ("evidently>=0.7,<0.8", "pandas<3"),
}


def prepare(name: str) -> Path:
    """Python of a peer's own environment."""
    python = ENVIRONMENTS / name / "bin" / "python"
    if not python.exists():
        print(f"{name}: installing into {python.parents[1]}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *NEEDS[name]], check=True)
    return python
