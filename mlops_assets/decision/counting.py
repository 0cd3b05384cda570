"""From labels to the differences that a verdict is about: whose, in which order, and which of them count yet."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.decision.evidence import UNIT, Evidence
from mlops_assets.decision.loss import answer_losses
from mlops_assets.decision.maturity import mature
from mlops_assets.decision.unpaired import unpaired_differences
from mlops_assets.decision.verdict import Differences, paired_losses
from mlops_assets.spec import Decision

SIDES = ("champion", "challenger")
ANSWER_ORDER = ["answered_at", "prediction"]


@dataclass(frozen=True, eq=False)
class Counted:
    """What a verdict counts.

    Attributes
    ----------
    rows : DataFrame, the labels that count, in the order of their answers: the order of labels would tell who was right
    differences : champion loss minus challenger loss of each, its mean positive where the challenger is better
    missing : shape (n_rows,), how many labels of its kind each stands for that are still to come
    too_young : labels that came and do not count yet
    window_s, look_in_s : see `maturity.Maturity`
    """

    rows: pd.DataFrame
    differences: Differences
    missing: NDArray[np.float64]
    too_young: int
    window_s: float | None
    look_in_s: float | None


def count_evidence(evidence: Evidence, decision: Decision, paired: bool) -> Counted:
    """What counts of this evidence by this rule."""
    rows = _judged(evidence, paired).sort_values(ANSWER_ORDER, kind="stable", ignore_index=True)
    losses = _losses(rows, decision, paired)
    answered, labelled = (_seconds(rows[name]) for name in ("answered_at", "labelled_at"))
    now = datetime.fromisoformat(evidence.facts["judged_at"]).timestamp()
    found = mature(labelled - answered, now - answered, _kinds(rows, losses), decision.matured)
    counts = found.counts
    kept = rows[counts].reset_index(drop=True)
    differences = (
        paired_losses(losses["champion"][counts], losses["challenger"][counts], decision)
        if paired
        else unpaired_differences(losses["answered"][counts], kept["arm"] == "B", _splits(kept, evidence), decision)
    )
    return Counted(kept, differences, found.missing[counts], int((~counts).sum()), found.window_s, found.look_in_s)


def _judged(evidence: Evidence, paired: bool) -> pd.DataFrame:
    """Labels that compare something: both versions scored the row, or both could have answered it."""
    table = evidence.labels
    if paired:
        return table[table["champion"].notna() & table["challenger"].notna()]
    split = _splits(table, evidence)
    drawn = table[(split > 0) & (split < 1)]
    return one_a_unit(drawn) if drawn["arm"].nunique() == 2 else drawn[:0]  # one arm alone is compared with nothing


def one_a_unit(rows: pd.DataFrame) -> pd.DataFrame:
    """The label of each unit's first labelled answer: its arm was drawn once, and more labels of it say nothing new.

    Labels that do not tell their units count for one each.
    """
    if UNIT not in rows:
        return rows
    return rows.sort_values(ANSWER_ORDER, kind="stable").drop_duplicates(UNIT)


def _splits(rows: pd.DataFrame, evidence: Evidence) -> NDArray[np.float64]:
    """Share that B was to answer when each row was answered; NaN where it is not known."""
    known = {phase["phase"]: phase["split_b"] for phase in evidence.facts["phases"]}
    return np.array([known.get(phase) for phase in rows["phase"]], dtype=np.float64)


def _losses(rows: pd.DataFrame, decision: Decision, paired: bool) -> dict[str, NDArray[np.float64]]:
    """Losses of both versions, or of the one that answered."""
    truth = rows["truth"].to_numpy()
    if paired:
        return {side: answer_losses(rows[side].to_numpy(), truth, decision, _shares(rows, side)) for side in SIDES}
    of_b = (rows["arm"] == "B").to_numpy()
    said = np.where(of_b, rows["challenger"].to_numpy(), rows["champion"].to_numpy())
    shares = [_shares(rows, side) for side in SIDES]
    mine = np.where(of_b, shares[1], shares[0]) if shares[0] is not None and shares[1] is not None else None
    return {"answered": answer_losses(said, truth, decision, mine)}


def _shares(rows: pd.DataFrame, side: str) -> NDArray[np.float64] | None:
    name = f"{side}_share"
    return rows[name].to_numpy(dtype=np.float64) if name in rows else None


def _kinds(rows: pd.DataFrame, losses: dict[str, NDArray[np.float64]]) -> NDArray[np.int64]:
    """Labels whose lag may differ, as numbers: the arm that answered, and who was right."""
    if "answered" in losses:
        middle = np.median(losses["answered"]) if len(rows) else 0.0
        right = np.where(losses["answered"] > middle, 1, 0)
    else:
        right = np.sign(losses["champion"] - losses["challenger"])
    return np.asarray(right + 3 * (rows["arm"] == "B").to_numpy(), dtype=np.int64)


def _seconds(moments: pd.Series) -> NDArray[np.float64]:
    """Seconds since 1970, to the microsecond."""
    return np.asarray(moments.to_numpy(dtype="datetime64[us]").astype(np.int64) / 1e6)
