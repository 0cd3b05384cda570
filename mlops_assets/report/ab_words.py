"""An experiment in sentences that need no statistics to be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlops_assets.decision.confidence import Interval
from mlops_assets.decision.ratio import ALARM, Phase, phases_mismatch
from mlops_assets.spec import Decision, UseCase

WATCH = 0.05  # below it the split is worth a look; below ALARM it blocks a promotion
P_SHOWN_MIN = 1e-4
POINTS = 100.0  # a share in percentage points
LOSSES = {
    "zero_one": "share of wrong answers",
    "log_loss": "mean log loss",
    "absolute": "mean absolute error",
    "squared": "mean squared error",
    "quantile": "mean quantile loss",
}
Colour = Literal["good", "watch", "alarm", "none"]


@dataclass(frozen=True)
class Light:
    """A state and the sentence beside it."""

    colour: Colour
    sentence: str

    @property
    def word(self) -> str:
        """The colour for those who do not see it."""
        return {"good": "fine", "watch": "watch", "alarm": "alarm", "none": "waiting"}[self.colour]


def loss_words(decision: Decision) -> str:
    """What is compared."""
    return LOSSES[decision.loss]


def scaled(value: float, decision: Decision) -> float:
    """A difference of losses in the units that are shown: percentage points for a share, else those of the loss."""
    return value * POINTS if decision.loss == "zero_one" else value


def unit_words(use_case: UseCase) -> str:
    """The unit of the differences that are shown."""
    units = {
        "zero_one": "percentage points",
        "log_loss": "nats",
        "absolute": f"units of {use_case.target}",
        "squared": f"squared units of {use_case.target}",
        "quantile": f"units of {use_case.target}",
    }
    return units[use_case.decision.loss]


def difference_words(value: float, decision: Decision) -> str:
    """A difference without its sign, with its unit."""
    size = f"{abs(scaled(value, decision)):.3g}"
    return f"{size} points" if decision.loss == "zero_one" else size


def standing(
    outcome: str, interval: Interval | None, labels: int, champion: int, challenger: int, decision: Decision
) -> str:
    """Where an experiment stands, in two sentences; outcome 'cheaper': equivalent, and the challenger costs less."""
    if interval is None or labels == 0:
        return "No label has come yet, so nothing can be said."
    estimate = interval.estimate
    way = "the same" if estimate == 0 else "lower" if estimate > 0 else "higher"
    by = way if estimate == 0 else f"{difference_words(estimate, decision)} {way}"
    seen = f"Over {labels:,} labels its {loss_words(decision)} is {by}"
    if outcome == "promote":
        return f"Version {challenger} is better and takes over. {seen}."
    if outcome == "reject":
        return f"Version {challenger} is worse; version {champion} stays. {seen}."
    if outcome == "cheaper":
        return f"Version {challenger} makes no difference that counts, costs less and takes over. {seen}."
    if outcome == "equivalent":
        return f"Version {challenger} makes no difference that counts; version {champion} stays. {seen}."
    if outcome == "inconclusive":
        return f"The labels that were set aside are spent without an answer; version {champion} stays. {seen}."
    if interval.low > 0 or interval.high < 0:
        counts = difference_words(decision.margin, decision)
        return f"Version {challenger} is on trial. {seen}: no accident, but perhaps less than the {counts} that count."
    return f"Version {challenger} is on trial. {seen}, which can still be luck."


def outlook(to_go: int | None, labels: int, decision: Decision) -> str:
    """How many labels are still needed."""
    if to_go is None and labels < decision.labels_min:
        return f"at least {decision.labels_min - labels:,} more before any verdict"
    if to_go is None:
        return "cannot be said yet: the difference is too small to tell its size"
    return f"about {to_go:,} more, if the difference stays as it is"


def phases_light(phases: Sequence[Phase], now: int) -> Light:
    """Whether each version got the share of the traffic that it was due, in every phase of the experiment.

    The sentence is about phase `now` where all fit, else about the one that fits worst.
    """
    p_value, worst = phases_mismatch(phases)
    current = next((phase for phase in phases if phase.number == now), None)
    if worst is None or (current is None and p_value >= WATCH):
        return Light("none", "No traffic yet.")
    shown = worst if current is None or p_value < WATCH else current
    light = ratio_light(p_value, shown.split_b, shown.units_a, shown.units_b)
    return light if shown.number == now else Light(light.colour, f"In phase {shown.number}, before: {light.sentence}")


def ratio_light(p_value: float | None, planned_b: float, units_a: int, units_b: int) -> Light:
    """Whether each version got the share of the traffic that it was due."""
    total = units_a + units_b
    if p_value is None or total == 0:
        return Light("none", "No traffic yet.")
    seen = f"{percent(units_b / total)} of {total:,} units were answered by B, {percent(planned_b)} were planned"
    if p_value < ALARM:
        return Light("alarm", f"{seen}. That is no accident: B may be failing, rows may be lost or go past the split.")
    if p_value < WATCH:
        return Light("watch", f"{seen}. Unusual, but it can still be an accident.")
    return Light("good", f"{seen}. As it should be.")


def percent(share: float) -> str:
    """A share in percent, one place, a space that does not break."""
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def p_words(p_value: float) -> str:
    """A p-value without an exponent."""
    return "p < 0.0001" if p_value < P_SHOWN_MIN else f"p = {p_value:.2g}"


def changed(before: Any, after: Any) -> str:
    """What an audit row says is different, key by key.

    Examples
    --------
    >>> changed({"split_b": 0.1, "phase": 1}, {"split_b": 0.3, "phase": 1})
    'split_b 0.1 → 0.3'
    >>> changed(1, {"version": 2, "reason": "better"})
    'version 2, reason better'
    """
    if not isinstance(after, dict):
        return "" if after is None else str(after)
    known = before if isinstance(before, dict) else {}
    news = {key: value for key, value in after.items() if key not in known or known[key] != value}
    return ", ".join(
        f"{key} {known[key]} → {value}" if key in known else f"{key} {value}" for key, value in news.items()
    )
