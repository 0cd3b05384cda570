"""What forbids a promotion although the verdict asks for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlops_assets.decision.counting import Counted
from mlops_assets.decision.evidence import Evidence
from mlops_assets.decision.feedback import feedback_p_values
from mlops_assets.decision.ratio import ALARM, Phase, phases_mismatch
from mlops_assets.decision.slices import worst_slices
from mlops_assets.spec import Decision

SLOWER_BY_S = 0.001  # a row's scoring time that is less than a millisecond longer is never called slow
SERVICE = ("unanswered_share", "row_s", "bundle_bytes")
FEEDBACK = {
    "arms": "labels do not come as often for the answers of both arms",
    "arms_by_answer": "labels do not come as often for the same answers of both arms",
    "agreement": "labels do not come as often for the answers that both versions agree on as for the others",
    "who_wins": "who is right depends on who answered, so labels were chosen by the answer",
}


@dataclass(frozen=True)
class Block:
    """A short name and a sentence with the figures."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Guarded:
    """What forbids a promotion, and the figures of all checks, JSON-ready."""

    blocks: tuple[Block, ...]
    figures: dict[str, Any]


def guard(evidence: Evidence, counted: Counted, decision: Decision, paired: bool) -> Guarded:
    """The checks on this evidence. Without `checks` among its facts only the split is judged."""
    p_value, checks = split_p_value(evidence), evidence.facts.get("checks")
    blocks = [Block("traffic_split", f"the traffic split is not as set, p = {p_value:.2g}")] if p_value < ALARM else []
    figures: dict[str, Any] = {"split_p_value": p_value}
    if checks is None:
        return Guarded(tuple(blocks), figures)
    feedback = feedback_p_values(checks["cohorts"], counted, evidence.facts["judged_at"], paired)
    slices = worst_slices(counted, decision)
    figures |= {
        "feedback_p_values": feedback,
        "service": {side: {name: float(checks[side][name]) for name in SERVICE} for side in ("champion", "challenger")},
        "worst_slices": [vars(one) for one in slices],
    }
    if decision.uneven_labels == "block":
        blocks += [Block(name, f"{FEEDBACK[name]}, p = {p:.2g}") for name, p in feedback.items() if p < ALARM]
    blocks += [*_service(checks, decision)]
    blocks += [
        Block(
            "slice",
            f"for {one.segment} = {one.value} the challenger is worse by {-one.gain:.4g} over {one.labels} labels, "
            f"by at least {-one.high:.4g} for sure",
        )
        for one in slices
        if one.harmed
    ]
    return Guarded(tuple(blocks), figures)


def split_p_value(evidence: Evidence) -> float:
    """P-value of the split, over all phases whose split is known; 1 without traffic."""
    known = [one for one in evidence.facts["phases"] if one["split_b"] is not None]
    phases = [Phase(one["phase"], _units(one["A"]), _units(one["B"]), one["split_b"]) for one in known]
    return phases_mismatch(phases)[0]


def _units(arm: dict[str, int]) -> int:
    """How many were drawn; evidence of format 1 took each answer for a unit."""
    return arm.get("units", arm["answers"])


def _service(checks: dict[str, Any], decision: Decision) -> Iterator[Block]:
    """How fast, and how reliably, the challenger answers."""
    old, new = checks["champion"], checks["challenger"]
    more = new["unanswered_share"] - old["unanswered_share"]
    if more > decision.errors_max:
        yield Block(
            "errors",
            f"the challenger left {new['unanswered_share']:.2%} of requests unanswered, the champion "
            f"{old['unanswered_share']:.2%}; {decision.errors_max:.2%} more is allowed",
        )
    slower = new["row_s"] > decision.slower_max * old["row_s"] and new["row_s"] - old["row_s"] > SLOWER_BY_S
    if slower:
        yield Block(
            "latency",
            f"the challenger takes {1000 * new['row_s']:.3g} ms a row, the champion {1000 * old['row_s']:.3g}; "
            f"{decision.slower_max:g} times as long is allowed",
        )
