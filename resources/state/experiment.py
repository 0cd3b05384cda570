"""The experiment of a use case as a value: its kind, its clock, and the split in force that follows from them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

Kind = Literal["ab", "shadow", "canary"]
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Routing:
    """How one use case is routed.

    Parameters
    ----------
    split_b : share of units that arm B answers now, 0..1
    version : raised by every change; a writer names the one it saw
    phase : raised when the split in force changes; counts per arm are comparable only within one
    ab_split_b : share of units that B answers when `kind` is 'ab'
    ramp : steps of a canary, each `after_h` hours and `split_b`, in the order of time
    ramp_started_at : when the ramp's clock began; None where no ramp runs
    paused_at : since when A answers everything; None = not paused
    challenger : version that the ramp is for; None before the first challenger
    from_file : what the use case's file said when it was last read; None in a row of version 0.1
    watched : True while `challenger` is the champion before, which scores and answers nobody
    """

    use_case: str
    split_b: float
    version: int
    salt: str
    phase: int
    updated_at: datetime
    by: str
    kind: Kind
    ab_split_b: float
    ramp: list[dict[str, float]]
    ramp_started_at: datetime | None = None
    paused_at: datetime | None = None
    challenger: int | None = None
    from_file: dict[str, Any] | None = None
    watched: bool = False

    @property
    def paused(self) -> bool:
        """True while A answers everything until somebody resumes."""
        return self.paused_at is not None


def split_due(routing: Routing, at: datetime) -> float:
    """Share of units that B should answer at a moment."""
    if routing.paused or routing.watched or routing.kind == "shadow":
        return 0.0
    if routing.kind == "ab":
        return routing.ab_split_b
    hours = ramp_hours(routing, at)
    return max(step["split_b"] for step in routing.ramp if step["after_h"] <= hours)


def next_step(routing: Routing, at: datetime) -> dict[str, float] | None:
    """The step that a canary waits for; None where no further step comes by itself."""
    if routing.kind != "canary" or routing.ramp_started_at is None or routing.paused:
        return None
    hours = ramp_hours(routing, at)
    return next((step for step in routing.ramp if step["after_h"] > hours), None)


def ramp_hours(routing: Routing, at: datetime) -> float:
    """Hours on the ramp's clock, which stands while paused; 0 where none runs, and where the machine's went back."""
    if routing.ramp_started_at is None:
        return 0.0
    return max(0.0, ((routing.paused_at or at) - routing.ramp_started_at) / HOUR)


def resumed(routing: Routing, at: datetime) -> datetime | None:
    """`ramp_started_at` after a pause that ends at a moment: moved by as long as the clock stood."""
    started, paused = routing.ramp_started_at, routing.paused_at
    if started is None or paused is None:
        return started
    return started + max(timedelta(0), at - max(started, paused))


def sentence(routing: Routing, at: datetime) -> str:
    """What the experiment does now, for people."""
    if routing.paused:
        return "Paused: A answers every request, and a ramp's clock stands."
    if routing.watched:
        return f"Watch: A answers every request; B, version {routing.challenger}, was champion before and scores each."
    if routing.kind == "shadow":
        return "Shadow: A answers every request, B scores each of them."
    if routing.kind == "ab":
        return f"A/B: B answers {100 * routing.split_b:.4g} % of the units."
    if routing.ramp_started_at is None:
        return f"Canary: waits for a challenger, which begins with {100 * routing.split_b:.4g} % of the units."
    step = next_step(routing, at)
    left = step["after_h"] - ramp_hours(routing, at) if step else 0.0
    then = f"{100 * step['split_b']:.4g} % in {left:.1f} h" if step else "the last step"
    return f"Canary of version {routing.challenger}: B answers {100 * routing.split_b:.4g} % of the units; {then}."
