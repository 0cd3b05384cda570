"""Whether labels come as often, and say the same, whoever answered: what a verdict takes for granted.

A label that comes more often when the champion was wrong makes every challenger look good. Labels that are lost cannot
be asked, but three traces of them can, each by a test that holds at every look:

    arms        of the answers of each arm, the same share has a label
    agreement   of the answers that both versions agree on, the same share has a label as of the others
    who_wins    where the versions differ and the truth is known, the challenger is right as often among the answers of
                arm A as among those of arm B; the arm was drawn, so it can say nothing about who is right

A unit counts once in each, by its first answer or its first label that decides: its arm was drawn once, and what its
answers have in common is no sign of anything.

What stays unseen: labels that depend on the truth alone, in the same way for both arms and for all answers. Then the
verdict is about the requests that have labels.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlops_assets.decision.counting import Counted, one_a_unit
from mlops_assets.decision.rates import rate_mismatch

WHO_WINS_BLOCK = 20  # labels looked at together; each block is judged by the rates of those before


def feedback_p_values(
    cohorts: Iterable[Mapping[str, Any]], counted: Counted, now: str, paired: bool
) -> dict[str, float]:
    """P-value of each test, corrected for their number; empty while it is not known how long labels take.

    Parameters
    ----------
    cohorts : counts of answers and labels by block of answers, phase, arm and agreement; see `Evidence`
    now : when it is looked, ISO 8601
    """
    if counted.window_s is None:
        return {}
    table = _old_enough(cohorts, counted.window_s, now)
    found = {"arms": _compared(table, "arm", ("A", "B"), ["block", "phase"])}
    if paired:
        found["agreement"] = _compared(table, "agree", (True, False), ["block"])
        found["who_wins"] = _who_wins(counted)
    else:
        found["arms_by_answer"] = _compared(table, "arm", ("A", "B"), ["said", "block", "phase"])
    return {name: min(1.0, len(found) * value) for name, value in found.items()}


def _old_enough(cohorts: Iterable[Mapping[str, Any]], window_s: float, now: str) -> pd.DataFrame:
    table = pd.DataFrame(
        list(cohorts), columns=["block", "phase", "arm", "agree", "said", "ended_at", "answers", "labels"]
    )
    ended = pd.to_datetime(table["ended_at"], utc=True, format="ISO8601")
    return table[ended <= pd.Timestamp(now) - pd.Timedelta(seconds=window_s)]


def _compared(table: pd.DataFrame, by: str, groups: tuple[Any, Any], blocks: list[str]) -> float:
    """P-value of the share with a label being the same in both groups, block by block."""
    counts = []
    for group in groups:
        mine = table[table[by] == group].groupby(blocks, dropna=True)[["answers", "labels"]].sum()
        counts.append(mine)
    first, second = counts
    both = first.index.intersection(second.index, sort=True)  # a block with one group compares nothing
    a, b = first.loc[both], second.loc[both]
    return rate_mismatch(a["labels"], a["answers"], b["labels"], b["answers"])


def _who_wins(counted: Counted) -> float:
    """P-value of the challenger winning as often whoever answered, where the losses differ, one label a unit."""
    decides = counted.rows.assign(gain=counted.differences.values)
    decides = one_a_unit(decides[decides["gain"] != 0])
    won, of_b = (decides["gain"] > 0).to_numpy(), (decides["arm"] == "B").to_numpy()
    block = np.arange(len(won)) // WHO_WINS_BLOCK
    n = int(block.max()) + 1 if len(block) else 0
    sides = [
        (np.bincount(block[won & arm], minlength=n), np.bincount(block[arm], minlength=n)) for arm in (~of_b, of_b)
    ]
    return rate_mismatch(*sides[0], *sides[1])
