"""When a batch is called different, and what follows from it: the part of a use case about drift and retraining."""

from typing import Literal, Self

from pydantic import Field, model_validator

from mlops_assets.spec_intake import Positive, Share, Value


class Limit(Value):
    """A drift limit and where it comes from."""

    value: Positive = Field(description="a larger effect size is drift, where the test is significant as well")
    origin: str = Field(description="where the number comes from; shown beside it")


class DriftPolicy(Value):
    """When a batch is called different from the champion's training data.

    A column drifts when its test is significant after Holm's correction over all columns *and* at least one of its
    effect sizes passes its limit: the first keeps small batches quiet, the second large ones.
    """

    rows_min: int = Field(50, ge=2, description="fewer accepted rows: too small to say")
    alpha: Share = Field(0.01, description="chance of a false alarm per batch, over all columns together")
    numeric: dict[str, Limit] = Field(
        {
            "wasserstein": Limit(value=0.1, origin="0.1 standard deviations: Evidently's default for n > 1000"),
            "jensen_shannon": Limit(value=0.1, origin="Evidently's default distance"),
            "psi": Limit(value=0.2, origin="common alarm level, Siddiqi, Credit Risk Scorecards (2006)"),
            "mean_shift": Limit(value=0.5, origin="half a standard deviation: Cohen's medium effect (1988)"),
        },
        description="effect sizes of numeric columns, and their limits",
    )
    category: dict[str, Limit] = Field(
        {
            "jensen_shannon": Limit(value=0.1, origin="Evidently's default distance"),
            "psi": Limit(value=0.2, origin="common alarm level, Siddiqi, Credit Risk Scorecards (2006)"),
            "unseen_share": Limit(value=0.05, origin="one row in twenty has a value the champion never saw"),
        },
        description="effect sizes of categories and texts, and their limits",
    )
    missing_share: Limit = Field(
        Limit(value=0.05, origin="rise of the missing share by five points"),
        description="rise of the share of missing values in a column",
    )
    loss_ratio: Limit = Field(
        Limit(value=1.1, origin="the champion errs a tenth more than at training"),
        description="the champion's mean loss since it rose over its mean loss at training",
    )
    loss_alpha: float = Field(
        0.05, gt=0, lt=1, description="chance that a champion's loss ever alarms, in all its life, though it never rose"
    )


class RetrainPolicy(Value):
    """When a new model is trained, and on which batches."""

    when: Literal["drift", "model_drift", "any", "harm", "both"] = Field(
        "any",
        description="what asks for a retrain: drift (of the data), model_drift (of the loss), any (of the two), harm "
        "(a retrain wins back more than it costs), both (drift of the data, and harm)",
    )
    cost: float = Field(0, ge=0, description="loss that one retrain costs, summed over rows: what harm must exceed")
    horizon_rows: int = Field(10_000, gt=0, description="rows over which a retrain wins back what it is expected to")
    rows_min: int = Field(500, gt=0, description="accepted rows before the first champion is trained")
    cooldown_s: float = Field(300, ge=0, description="seconds after a retrain in which alarms wait")
    batches: int | None = Field(None, gt=0, description="the last N accepted batches; None = all")
    days: float | None = Field(None, gt=0, description="accepted batches whose newest row is at most this old")

    @model_validator(mode="after")
    def _one_window(self) -> Self:
        if self.batches is not None and self.days is not None:
            raise ValueError("'batches' and 'days' exclude each other")
        return self

    @model_validator(mode="after")
    def _cost_is_asked(self) -> Self:
        if self.cost > 0 and self.when not in ("harm", "both"):
            raise ValueError(f"'cost' counts where 'when' is harm or both; here it is {self.when}")
        return self
