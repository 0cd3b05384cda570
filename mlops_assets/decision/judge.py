"""The judgement on evidence: a pure function, so that whoever has the evidence can repeat it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.decision.evidence import Evidence
from mlops_assets.decision.loss import answer_losses
from mlops_assets.decision.ratio import ALARM, ratio_mismatch
from mlops_assets.decision.unpaired import decide_unpaired
from mlops_assets.decision.verdict import Verdict, decide
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
    verdict = _paired(evidence, decision) if paired else _unpaired(evidence, decision)
    p_value = split_p_value(evidence)
    blocks = []
    if p_value < ALARM:
        blocks.append(Block("traffic_split", f"the traffic split is not as set, p = {p_value:.2g}"))
    return Judgement(verdict, verdict.outcome == "promote", tuple(blocks), {"split_p_value": p_value})


def split_p_value(evidence: Evidence) -> float:
    """P-value of the split, over all phases whose split is known; 1 without traffic.

    Notes
    -----
    The smallest of the phases' p-values, times their number (Bonferroni).
    """
    known = [phase for phase in evidence.facts["phases"] if phase["split_b"] is not None]
    found = [ratio_mismatch(one["A"]["answers"], one["B"]["answers"], one["split_b"]) for one in known]
    return min(1.0, len(found) * min(found)) if found else 1.0


def paired_differences(evidence: Evidence, decision: Decision) -> NDArray[np.float64]:
    """Champion loss minus challenger loss of each label that both scored, in the order in which they count."""
    champion, challenger = _paired_losses(evidence, decision)
    return champion - challenger


def _paired_losses(evidence: Evidence, decision: Decision) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    table = evidence.labels
    both = table[table["champion"].notna() & table["challenger"].notna()]
    sides = [
        answer_losses(both[side].to_numpy(), both["truth"].to_numpy(), decision) for side in ("champion", "challenger")
    ]
    return sides[0], sides[1]


def _paired(evidence: Evidence, decision: Decision) -> Verdict:
    return decide(*_paired_losses(evidence, decision), decision)


def _unpaired(evidence: Evidence, decision: Decision) -> Verdict:
    table = evidence.labels
    of_b = (table["arm"] == "B").to_numpy()
    said = np.where(of_b, table["challenger"].to_numpy(), table["champion"].to_numpy())
    return decide_unpaired(answer_losses(said, table["truth"].to_numpy(), decision), of_b, decision)
