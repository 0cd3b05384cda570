"""Chains of certificates for those who check them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "stage"))
