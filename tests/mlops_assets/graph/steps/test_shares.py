from types import SimpleNamespace

import numpy as np
import pytest
from tiny_loop import answer

from mlops_assets.graph.steps import shares
from mlops_assets.graph.steps.contest import hold_contest
from mlops_assets.graph.steps.models import open_version
from resources.lake import Lake


@pytest.mark.slow
def test_log_loss_asks_both_bundles_for_the_probability_of_the_truth(tested):
    use_case = tested.use_cases["tiny"]
    decision = use_case.decision.model_copy(update={"loss": "log_loss", "loss_max": 5.0})
    answer(tested, 30)
    contest = hold_contest(tested, use_case.model_copy(update={"decision": decision}))
    table = contest.evidence.labels
    for side, version in (("champion", 1), ("challenger", 2)):
        bundle = open_version(tested, use_case, version).bundle
        probabilities = bundle.answer_rows([{"x": 1.0, "y": 1.0}]).probabilities[0]
        assert table[f"{side}_share"].to_numpy() == pytest.approx([probabilities[bundle.classes.index("yes")]] * 30)
    assert contest.judgement.verdict.labels == 30


class Bundle:
    """Gives 0.8 to 'yes', and counts the rows that it was asked about."""

    classes = ("no", "yes")

    def __init__(self):
        self.asked = 0

    def answer_rows(self, rows):
        self.asked += len(rows)
        return SimpleNamespace(probabilities=np.tile([0.2, 0.8], (len(rows), 1)))


def columns_of(label_ids, champion, truth):
    rows = [{"x": 1.0}] * len(label_ids)
    return {"label_id": label_ids, "champion": champion, "challenger": champion, "truth": truth, "features": rows}


def test_a_label_is_asked_about_once(tmp_path, monkeypatch):
    bundle = Bundle()
    monkeypatch.setattr(shares, "open_version", lambda *_: SimpleNamespace(bundle=bundle, version=1))
    home = SimpleNamespace(lake=Lake(str(tmp_path)))

    def look(*columns):
        return shares.truth_columns(home, SimpleNamespace(name="tiny"), (1, 2), columns_of(*columns))

    first = look([1, 2, 3], ["yes", "no", None], ["yes", "no", "yes"])
    assert first["champion_share"] == pytest.approx([0.8, 0.2, np.nan], nan_ok=True)
    assert bundle.asked == 4  # two rows, two versions; the third was not scored yet
    # label 2 was corrected and is label 4 now; the third row was scored meanwhile, one more came
    later = look([1, 3, 4, 5], ["yes", "yes", "no", "no"], ["yes", "yes", "yes", "no"])
    assert later["challenger_share"] == pytest.approx([0.8, 0.8, 0.8, 0.2])
    assert bundle.asked == 4 + 2 * 3
    again = look([1, 3, 4, 5], ["yes", "yes", "no", "no"], ["yes", "yes", "yes", "no"])
    assert (bundle.asked, again["champion_share"].tolist()) == (10, later["champion_share"].tolist())
