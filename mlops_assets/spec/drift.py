"""When a batch is called different, and what follows from it: the part of a use case about drift and retraining."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from mlops_assets.spec.value import Positive, Value


class Limit(Value):
    """A limit of an effect and where it comes from."""

    value: Positive = Field(description="a smaller effect raises no alarm, however certain it is")
    origin: str = Field(description="where the number comes from; shown beside it")


class Floors(Value):
    """The smallest effects that raise an alarm, by the kind of score. What is certain but smaller is no drift."""

    shift: Limit = Field(
        Limit(value=0.1, origin="half of Cohen's small effect (1988); Evidently's default for n > 1000"),
        description="of a mean, in reference standard deviations of its normal scores",
    )
    spread: Limit = Field(
        Limit(value=0.1, origin="about a tenth of the variance"),
        description="of the mean square of the normal scores, in its standard deviations",
    )
    tail: Limit = Field(
        Limit(value=0.01, origin="one row in a hundred moved"), description="of the share beyond the 5 or 95 % quantile"
    )
    extremes: Limit = Field(
        Limit(value=0.01, origin="one row in a hundred moved"), description="rows moved within one tail or out of it"
    )
    shape: Limit = Field(
        Limit(value=0.05, origin="one row in twenty moved"), description="rows moved between eighteen cells"
    )
    label: Limit = Field(Limit(value=0.01, origin="one row in a hundred"), description="change of a label's share")
    unseen: Limit = Field(Limit(value=0.005, origin="one row in two hundred"), description="share of unknown labels")
    missing: Limit = Field(Limit(value=0.01, origin="one row in a hundred"), description="rise of the missing share")
    correlation: Limit = Field(
        Limit(value=0.1, origin="Cohen's small correlation (1988)"), description="change of a pair's correlation"
    )
    overall: Limit = Field(
        Limit(value=0.05, origin="half the floor of one column, since all moved"),
        description="root mean square of the shifts of all columns",
    )

    def of(self, kind: str) -> float:
        """The floor of a kind of score."""
        limit: Limit = getattr(self, kind)
        return limit.value


class DriftPolicy(Value):
    """When a batch is called different from the champion's training data.

    One rule: the largest standardised score of a batch, over all columns, pairs of them and all together, exceeds what
    batches drawn from the training data reach by chance, and the effect it speaks of is not below its floor.
    """

    rows_min: int = Field(50, ge=2, description="fewer accepted rows: too small to say")
    alpha: float = Field(
        0.05,
        gt=0,
        le=1,
        description="chance that data without drift ever raises an alarm in a champion's life, over all its batches",
    )
    floors: Floors = Field(Floors(), description="the smallest effects that raise an alarm")
    loss_ratio: Limit = Field(
        Limit(value=1.1, origin="the champion errs a tenth more than at training"),
        description="the champion's mean loss since it rose over its mean loss at training",
    )
    loss_alpha: float = Field(
        0.05, gt=0, lt=1, description="chance that a champion's loss ever alarms, in all its life, though it never rose"
    )

    @model_validator(mode="before")
    @classmethod
    def _no_limits_by_metric(cls, values: Any) -> Any:
        gone = [
            name for name in ("numeric", "category", "missing_share") if isinstance(values, dict) and name in values
        ]
        if gone:
            raise ValueError(
                f"'{gone[0]}' is gone: batches are judged by 'alpha' alone, for all columns together; "
                f"'floors' hold the smallest effects that count: {', '.join(Floors.model_fields)}"
            )
        return values


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
