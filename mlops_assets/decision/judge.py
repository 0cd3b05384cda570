"""The judgement on evidence: a pure function, so that whoever has the evidence can repeat it."""

from dataclasses import dataclass
from typing import Any

from mlops_assets.decision.counting import count_evidence
from mlops_assets.decision.evidence import Evidence
from mlops_assets.decision.maturity import allowance
from mlops_assets.decision.ratio import ALARM, ratio_mismatch
from mlops_assets.decision.verdict import Verdict, decide_differences
from mlops_assets.spec import Decision


@dataclass(frozen=True)
class Block:
    """Why nothing is promoted although the verdict asks for it: a short name and a sentence with the figures."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Judgement:
    """A verdict, whether the challenger should take over, what forbids that, and the figures of every check.

    `takes_over` says what the verdict asks for; it is done only where `blocks` is empty.
    """

    verdict: Verdict
    takes_over: bool
    blocks: tuple[Block, ...]
    figures: dict[str, Any]

    @property
    def ratio_p_value(self) -> float:
        """P-value of the traffic's split; 1 = as it should be."""
        return float(self.figures["split_p_value"])

    @property
    def look_in_s(self) -> float | None:
        """Seconds until labels that are too young now count; None = all that came count."""
        found: float | None = self.figures["look_in_s"]
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain values, the same for the same evidence."""
        return {
            "verdict": self.verdict.to_dict(),
            "takes_over": self.takes_over,
            "blocks": [{"name": one.name, "sentence": one.sentence} for one in self.blocks],
            "figures": self.figures,
        }


def judge(evidence: Evidence, decision: Decision, paired: bool) -> Judgement:
    """The judgement on this evidence by this rule.

    Parameters
    ----------
    decision : the rule in force when the experiment began
    paired : True where both versions scored each row, `routing.paired`
    """
    counted = count_evidence(evidence, decision, paired)
    allowed = allowance(counted.differences.values, counted.missing)
    verdict = decide_differences(counted.differences, decision, allowed)
    p_value = split_p_value(evidence)
    blocks = []
    if p_value < ALARM:
        blocks.append(Block("traffic_split", f"the traffic split is not as set, p = {p_value:.2g}"))
    figures = {
        "labels_too_young": counted.too_young,
        "lag_window_s": counted.window_s,
        "look_in_s": counted.look_in_s,
        "allowance": allowed,
        "split_p_value": p_value,
    }
    return Judgement(verdict, verdict.outcome == "promote", tuple(blocks), figures)


def split_p_value(evidence: Evidence) -> float:
    """P-value of the split, over all phases whose split is known; 1 without traffic.

    Notes
    -----
    The smallest of the phases' p-values, times their number (Bonferroni).
    """
    known = [phase for phase in evidence.facts["phases"] if phase["split_b"] is not None]
    found = [ratio_mismatch(one["A"]["answers"], one["B"]["answers"], one["split_b"]) for one in known]
    return min(1.0, len(found) * min(found)) if found else 1.0
