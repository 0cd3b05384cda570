"""The part of a use case that says how ways of learning on a stream race against each other."""

from pydantic import Field

from mlops_assets.spec.value import Value


class RacePolicy(Value):
    """Ways of learning that race, window by window: keep, continue, refit on recent rows, refit on all of them."""

    recent: int = Field(5, gt=0, description="windows whose rows 'refit on recent' learns from")
    rows_min: int = Field(500, gt=0, description="rows with a known label before the race begins")
    rows_max: int = Field(
        20_000, gt=0, description="rows that are remembered: the recent ones, and a uniform sample of the older"
    )
    budget_s: float = Field(
        20.0, gt=0, description="seconds for fitting after one window; what does not fit is skipped"
    )
