"""A use case whose routing a test changes, as an edit of its file does."""

from datetime import timedelta

from mlops_assets import spec
from mlops_assets.spec import RampStep
from mlops_assets.use_cases.load import find_use_case

NAME = "wine_quality"
HOUR = timedelta(hours=1)
RAMP = (RampStep(after_h=0, split_b=0.01), RampStep(after_h=1, split_b=0.1), RampStep(after_h=6, split_b=0.5))
STEPS = [step.model_dump() for step in RAMP]
WINE = find_use_case(NAME)


def wine(**changes):
    """The use case with keys of its routing changed, as an edit of its file does."""
    values = {"kind": "ab", "split_b": 0.2, "ramp": RAMP} | changes
    return WINE.model_copy(update={"routing": spec.Routing(**values)})
