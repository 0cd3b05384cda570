"""Where an interval lies on a line: positions in percent, for a drawing without scripts."""

from dataclasses import dataclass

from resources.state.verdicts import StoredVerdict

ROOM = 1.15  # the line reaches this much beyond the furthest mark


@dataclass(frozen=True)
class IntervalDrawing:
    """Positions from 0 (left end) to 100 (right end); zero stands in the middle."""

    low: float
    high: float
    estimate: float
    margin_low: float
    margin_high: float


def draw_interval(verdict: StoredVerdict | None, margin: float) -> IntervalDrawing | None:
    """Positions of a verdict's interval on a line around zero; None where there is no interval yet.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> verdict = StoredVerdict("w", 1, 2, "continue", 0.0, -1.0, 1.0, 9, datetime(2026, 1, 1, tzinfo=UTC), "")
    >>> draw_interval(verdict, 0.0).estimate
    50.0
    """
    if verdict is None or verdict.estimate is None or verdict.low is None or verdict.high is None:
        return None
    reach = ROOM * max(abs(verdict.low), abs(verdict.high), margin) or 1.0

    def place(value: float) -> float:
        return round(50 + 50 * value / reach, 3)

    estimate = place(verdict.estimate)
    return IntervalDrawing(place(verdict.low), place(verdict.high), estimate, place(-margin), place(margin))
