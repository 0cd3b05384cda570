from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mlops_assets.decision.gain import ExpectedGain, RealisedGain
from mlops_assets.eda.explore import explore
from mlops_assets.eda.gathered import gather
from mlops_assets.report.eda_page import WindowLine
from mlops_assets.report.history import Reign
from mlops_assets.report.summary import summary_html
from mlops_assets.use_cases.load import find_use_case

AT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def use_case():
    return find_use_case("wine_quality")


def facts(**changes):
    empty = {"batches": [], "drift": [], "retrains": [], "champions": [], "verdicts": [], "pictures": {}}
    more = {"gains": {}, "data": None, "windows": [], "explained": {}, "race": None, "links": {}, "model": None}
    return empty | more | changes


@dataclass(frozen=True)
class Batch:
    key: str = "000001-abc"
    name: str = "red.csv"
    status: str = "accepted"
    rows_accepted: int | None = 1200
    rows_quarantined: int | None = 3
    landed_at: datetime = AT
    reason: str | None = None


def test_before_anything_landed_each_part_says_so(use_case):
    text = summary_html(use_case, facts())
    for sentence in (
        "no champion yet",
        "no experiment yet",
        "no retrain yet",
        "no batch was compared yet",
        "nothing landed yet",
        "no row was accepted yet",
        "the champion was not explained",
    ):
        assert sentence in text


def test_the_headline_counts_accepted_rows_and_alarms(use_case):
    rejected = Batch(key="000002-def", status="rejected", rows_accepted=None)
    events = [
        SimpleNamespace(key="a", champion_version=1, status="drift", model_status="no_drift", sentence="pH moved"),
        SimpleNamespace(key="b", champion_version=1, status="no_drift", model_status="no_drift", sentence="calm"),
        SimpleNamespace(key="c", champion_version=1, status="no_drift", model_status="drift", sentence="errs more"),
    ]
    champion = Reign(
        version=3, since=AT, until=None, how="promote", by="verdict", why="better in October", labels=80, estimate=0.1,
        low=0.02, high=0.2, held_against=("4 (reject)",), certificate="000002-promote.json", sha256="ab" * 32,
    )  # fmt: skip
    text = summary_html(use_case, facts(batches=[Batch(), rejected], drift=events, champions=[champion]))
    assert "accepted batches<b>1</b>" in text
    assert "accepted rows<b>1,200</b>" in text
    assert "alarms<b>2</b>" in text
    assert "champion<b>version 3</b>" in text
    for words in (
        "better in October",
        "80 labels: better by 0.1 (0.02 to 0.2)",
        "4 (reject)",
        "000002-promote.json abab",
    ):
        assert words in text
    assert "2026-03-01 12:30:00" in text


def test_verdicts_retrains_and_pictures_are_shown(use_case):
    verdict = SimpleNamespace(
        challenger_version=2, champion_version=1, outcome="promote", labels=80, estimate=0.1, low=0.02, high=0.2
    )
    retrain = SimpleNamespace(
        id=1, status="refused", version=None, rows=500, batches=["a", "b"], cause="drift", reason="worse on new batches"
    )
    shown = facts(verdicts=[verdict], retrains=[retrain], pictures={"Batch a": b"png"}, gains={1: (None, None)})
    text = summary_html(use_case, shown)
    assert "2 against 1" in text
    assert "worse on new batches" in text
    assert "<figcaption>Batch a</figcaption>" in text


def retrain(number: int) -> SimpleNamespace:
    return SimpleNamespace(
        id=number, status="registered", version=number, rows=500, batches=["a"], cause="drift", reason="better"
    )


def test_what_each_retrain_expected_to_gain_stands_beside_what_it_gained(use_case):
    expected = ExpectedGain(0.12, 0.05, 0.2, 1200, 10_000, 0, "labels", 0.4)
    gained = RealisedGain(0.1, 0.02, 0.18, 80, "labels of the experiment")
    unlabelled = RealisedGain(0.0, -1.0, 1.0, 0, "labels of the experiment")
    gains = {1: (None, None), 2: (expected, unlabelled), 3: (expected, gained)}
    text = summary_html(use_case, facts(retrains=[retrain(3), retrain(2), retrain(1)], gains=gains))
    assert text.count("<td>0.12 (0.05 to 0.2)</td>") == 2
    assert "<td>0.1 (0.02 to 0.18; 80 labels)</td>" in text
    assert text.count("<td>not known yet</td>") == 2
    assert "<td>not known</td>" in text


def test_what_the_champion_listens_to_and_what_could_not_be_said(use_case):
    shuffled = {"names": ["alcohol", "pH"], "mean": [0.2, 0.01], "std": [0.02, 0.01], "unit": "accuracy", "rows": 200}
    text = summary_html(use_case, facts(explained={"permutation": shuffled, "shap": "no tree & no line"}))
    assert '<h3>Shuffled columns</h3><p class="lead">accuracy on 200 rows</p>' in text
    assert text.index("<td>alcohol</td>") < text.index("<td>pH</td>")
    assert "<p>no tree &amp; no line</p>" in text


def test_the_data_its_windows_and_the_links(use_case):
    random = np.random.default_rng(2)
    frame = pd.DataFrame({name: random.normal(size=60) for name in use_case.columns}).assign(pH=np.nan)
    frame["quality"] = frame["alcohol"].round() + 5
    found = explore(gather([frame], use_case), use_case)
    line = WindowLine("20260101T000000-1d", AT, "closed", 24, 3, "20260101T000000-1d.html")
    text = summary_html(use_case, facts(data=found, windows=[line], links={"what the data looks like": "eda/all.html"}))
    assert '<a href="eda/all.html">what the data looks like</a>' in text
    assert '<a href="eda/20260101T000000-1d.html">' in text
    assert "<td>alcohol</td><td>Spearman</td>" in text
    assert "<td>pH</td><td>100.00%</td>" in text
    assert "<script" not in text


def test_the_page_says_how_good_the_champion_was_on_held_out_rows(use_case):
    told = "linear <plain>, accuracy 0.76 (0.71 to 0.81) on 240 held-out rows"
    text = summary_html(use_case, facts(model=told))
    assert "<p>The champion: linear &lt;plain&gt;, accuracy 0.76 (0.71 to 0.81) on 240 held-out rows.</p>" in text
    assert "The champion:" not in summary_html(use_case, facts())
