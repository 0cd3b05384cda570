"""Who answers and who wins: the part of a use case about routing, feedback and the decision."""

from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from mlops_assets.spec.value import Positive, Share, Value


class RampStep(Value):
    """One step of a canary: from this many hours after its start on, the challenger answers this share."""

    after_h: float = Field(ge=0, description="hours since the challenger arrived")
    split_b: Share = Field(description="share of units that the challenger answers from then on")


class Routing(Value):
    """How requests are split between champion (A) and challenger (B)."""

    kind: Literal["ab", "shadow", "canary"] = Field(
        "ab", description="ab: a fixed split; shadow: A answers all; canary: the split follows the ramp"
    )
    split_b: Share = Field(0.2, description="share of units that the challenger answers; POST /config changes it")
    ramp: tuple[RampStep, ...] = Field(
        (
            RampStep(after_h=0, split_b=0.01),
            RampStep(after_h=1, split_b=0.05),
            RampStep(after_h=6, split_b=0.2),
            RampStep(after_h=24, split_b=0.5),
        ),
        description="steps of a canary, in the order of time",
    )
    paired: bool = Field(
        True,
        description="both arms score each request; False where answers change the outcome: then a unit counts once",
    )

    @model_validator(mode="after")
    def _ramp_climbs(self) -> Self:
        steps = [(step.after_h, step.split_b) for step in self.ramp]
        if not steps or steps[0][0] != 0:
            raise ValueError("'ramp' must begin with a step at after_h: 0")
        if any(later[0] <= sooner[0] or later[1] < sooner[1] for sooner, later in pairwise(steps)):
            raise ValueError("'ramp' must be ordered by after_h, and split_b must not fall")
        return self

    @model_validator(mode="after")
    def _shadow_scores(self) -> Self:
        if self.kind == "shadow" and not self.paired:
            raise ValueError("kind 'shadow' needs paired: true, or the challenger would score nothing")
        return self


class Feedback(Value):
    """What counts as the truth about a prediction."""

    expires_h: float | None = Field(
        None,
        gt=0,
        le=87_660,
        description="hours in which a truth about a prediction counts, up to ten years; None = always",
    )


class Decision(Value):
    """What promotes, rejects, or calls two models equivalent; what is in force when an experiment begins holds."""

    loss: Literal["zero_one", "log_loss", "absolute", "squared", "quantile"] = Field(
        description="loss of one prediction"
    )
    level: float = Field(0.5, gt=0, lt=1, description="of loss quantile: the quantile that the model should predict")
    loss_max: Positive = Field(1.0, description="losses are clipped here, which bounds their difference")
    margin: float = Field(0.0, ge=0, description="the difference that counts, in units of the loss, fixed in advance")
    alpha: float = Field(0.05, gt=0, lt=1, description="chance of a wrong verdict, however often one looks")
    labels_min: int = Field(50, gt=0, description="labelled requests before there is a verdict")
    labels_max: int = Field(20_000, gt=0, description="labelled requests after which it ends without a verdict")
    matured: float = Field(
        0.9, gt=0, lt=1, description="a label counts once its answer is as old as this quantile of the labels' lag"
    )

    watch_labels: int = Field(
        1_000, ge=0, description="labels for which a replaced champion goes on scoring, and comes back if it is better"
    )
    cost: Literal["scoring_time", "bundle_size"] = Field(
        "scoring_time", description="of two equivalent models the one that costs less of this answers"
    )
    cheaper_by: Share = Field(0.2, description="share by which an equivalent challenger must cost less to take over")
    slower_max: float = Field(
        4.0, gt=0, description="promotes no challenger that takes so many times the champion's time for a row"
    )
    errors_max: Share = Field(
        0.01, description="promotes no challenger that leaves so much larger a share of requests unanswered"
    )
    segments: tuple[str, ...] = Field(
        (), description="category columns of requests; promotes no challenger that is worse for one of their values"
    )
    uneven_labels: Literal["block", "warn"] = Field(
        "block", description="block: promotes nothing while labels depend on who answered, or on what"
    )

    @property
    def unit(self) -> str:
        """What one unit of loss is: losses of two decisions can be compared where these are the same."""
        level = f" at level {self.level:g}" if self.loss == "quantile" else ""
        return f"{self.loss}{level} up to {self.loss_max:g}"

    @model_validator(mode="after")
    def _budget_holds_a_verdict(self) -> Self:
        if self.labels_max < self.labels_min:
            raise ValueError(f"labels_max {self.labels_max} is below labels_min, {self.labels_min}: no verdict fits")
        return self
