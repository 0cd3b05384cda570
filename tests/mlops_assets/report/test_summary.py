from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from mlops_assets.report.history import Reign
from mlops_assets.report.summary import summary_html
from mlops_assets.use_cases.load import find_use_case

AT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def use_case():
    return find_use_case("wine_quality")


def facts(**changes):
    empty = {"batches": [], "drift": [], "retrains": [], "champions": [], "verdicts": [], "pictures": {}}
    return empty | changes


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
    text = summary_html(use_case, facts(verdicts=[verdict], retrains=[retrain], pictures={"Batch a": b"png"}))
    assert "2 against 1" in text
    assert "worse on new batches" in text
    assert "<figcaption>Batch a</figcaption>" in text
