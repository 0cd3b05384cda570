"""What a retrain was expected to win back, beside what the version that came of it did win."""

from dataclasses import dataclass
from typing import Any, Self

from mlops_assets.decision.harm import Harm, expected_gain
from mlops_assets.spec import RetrainPolicy


@dataclass(frozen=True)
class ExpectedGain:
    """What a decision to retrain expects: loss a row that a new version saves, with its 95 % interval, and in all.

    `gain` is the sum over `horizon_rows`; `cost` is what the retrain may cost at most, in the same loss. `mean` is the
    champion's loss a row when it was decided, over `rows` of the new kind; None in decisions that did not count them.
    `unit` is what all of these are counted in (`Decision.unit`); None in decisions from before units were kept.
    """

    a_row: float
    low: float
    high: float
    gain: float
    horizon_rows: int
    cost: float
    source: str
    mean: float
    rows: int | None = None
    unit: str | None = None

    def is_counted_in(self, unit: str | None) -> bool:
        """Whether losses of that unit can be set beside this one; yes where either was kept before units were."""
        return self.unit is None or unit is None or self.unit == unit

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return dict(vars(self))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The expectation that `to_dict` wrote."""
        return cls(**values)


@dataclass(frozen=True)
class RealisedGain:
    """Loss a row that the new version saved, with its interval, over so many labels; `source` says which.

    `unit` is what the loss is counted in; it may be another than was expected in, where the use case's loss changed.
    """

    a_row: float
    low: float
    high: float
    labels: int
    source: str
    unit: str | None = None


def expect_gain(harm: Harm | None, policy: RetrainPolicy) -> ExpectedGain | None:
    """The expectation that harm gives, None where nobody can say."""
    if harm is None or harm.excess is None or harm.low is None or harm.high is None or harm.mean is None:
        return None
    return ExpectedGain(
        a_row=harm.excess,
        low=harm.low,
        high=harm.high,
        gain=expected_gain(harm, policy),
        horizon_rows=policy.horizon_rows,
        cost=policy.cost,
        source=harm.source,
        mean=harm.mean,
        rows=harm.rows,
        unit=harm.unit,
    )


def gain_sentence(expected: ExpectedGain | None, realised: RealisedGain | None = None) -> str:
    """Both beside each other in words."""
    if expected is None:
        said = "no gain was expected, since no excess loss was known"
    else:
        said = (
            f"expected to save {expected.a_row:.4g} loss a row ({expected.low:.4g} to {expected.high:.4g}, "
            f"by {expected.source}), {expected.gain:,.4g} over {expected.horizon_rows:,} rows"
        )
    if realised is None:
        return f"{said}; what it saves is not known yet"
    other = ""
    if expected is not None and not expected.is_counted_in(realised.unit):
        other = f", in another loss than expected: {realised.unit} instead of {expected.unit}"
    return (
        f"{said}; it saves {realised.a_row:.4g} ({realised.low:.4g} to {realised.high:.4g}, "
        f"{realised.labels:,} {realised.source}{other})"
    )
