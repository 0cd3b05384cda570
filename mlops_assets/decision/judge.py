"""The judgement on evidence: a pure function, so that whoever has the evidence can repeat it."""

from dataclasses import dataclass, replace
from typing import Any

from mlops_assets.decision.counting import count_evidence
from mlops_assets.decision.evidence import Evidence
from mlops_assets.decision.guardrails import Block, guard
from mlops_assets.decision.maturity import allowance
from mlops_assets.decision.verdict import Verdict, decide_differences
from mlops_assets.spec import Decision

COSTS = {
    # cost: (its name among the checks, its unit in words, how many units one is)
    "scoring_time": ("row_s", "ms a row", 1000.0),
    "bundle_size": ("bundle_bytes", "kB on disk", 0.001),
}


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

    A challenger takes over when it is better by what counts, or makes no difference that counts and is clearly cheaper.
    Where the evidence has no checks, a challenger that should take over is blocked for that reason.

    Parameters
    ----------
    decision : the rule in force when the experiment began
    paired : True where both versions scored each row, `routing.paired`
    """
    counted = count_evidence(evidence, decision, paired)
    allowed = allowance(counted.differences.values, counted.missing)
    verdict = decide_differences(counted.differences, decision, allowed)
    takes_over, verdict = _consequence(verdict, evidence, decision)
    guarded = guard(evidence, counted, decision, paired)
    blocks = guarded.blocks
    if takes_over and "checks" not in evidence.facts:
        blocks = (*blocks, Block("not_checked", "labels, errors and speed of both versions were not checked"))
    figures = {
        "labels_too_young": counted.too_young,
        "lag_window_s": counted.window_s,
        "look_in_s": counted.look_in_s,
        "allowance": allowed,
        **guarded.figures,
    }
    return Judgement(verdict, takes_over, blocks, figures)


def _consequence(verdict: Verdict, evidence: Evidence, decision: Decision) -> tuple[bool, Verdict]:
    """Whether the challenger should take over; of equivalent models the cheaper one should, as the sentence says."""
    if verdict.outcome != "equivalent":
        return verdict.outcome == "promote", verdict
    checks = evidence.facts.get("checks")
    if checks is None:
        return False, replace(verdict, sentence=f"{verdict.sentence}, the champion stays")
    key, unit, scale = COSTS[decision.cost]
    old, new = checks["champion"][key], checks["challenger"][key]
    cheaper = new < old and new <= (1 - decision.cheaper_by) * old
    costs = f"{scale * new:.3g} {unit} against {scale * old:.3g}"
    what = "the challenger takes over, for it costs less" if cheaper else "the champion stays, for it costs no more"
    if not cheaper and new < old:
        what = f"the champion stays, for the challenger does not cost {decision.cheaper_by:.0%} less"
    return cheaper, replace(verdict, sentence=f"{verdict.sentence}; {what} ({costs})")
