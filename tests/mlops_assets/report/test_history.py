from dataclasses import replace
from datetime import UTC, datetime

from mlops_assets.report.history import COLUMNS, NOT_WRITTEN, Reign, history_html, history_rows

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BY_VERDICT = Reign(
    version=2, since=NOON, until=None, how="promote", by="verdict", why="it was better", labels=1253, estimate=0.13149,
    low=0.0941, high=0.16801, held_against=("3 (reject)", "4 (equivalent)"), certificate="000002-promote.json",
    sha256="0123456789abcdef" * 4,
)  # fmt: skip
BY_HAND = replace(
    BY_VERDICT, until=NOON, labels=None, estimate=None, low=None, high=None, certificate=None, sha256=None
)


def test_a_reign_by_verdict_shows_its_labels_interval_and_certificate():
    (row,) = history_rows([BY_VERDICT])
    shown = dict(zip(COLUMNS, row, strict=True))
    assert (shown["since"], shown["until"]) == ("2026-03-01 12:00", "now")
    assert shown["evidence"] == "1,253 labels: better by 0.1315 (0.0941 to 0.168)"
    assert shown["held against"] == "3 (reject), 4 (equivalent)"
    assert shown["certificate"] == "000002-promote.json 0123456789ab"


def test_a_reign_by_hand_has_no_evidence_and_perhaps_no_certificate_yet():
    shown = dict(zip(COLUMNS, history_rows([BY_HAND])[0], strict=True))
    assert (shown["evidence"], shown["certificate"], shown["until"]) == (None, NOT_WRITTEN, "2026-03-01 12:00")


def test_the_table_of_a_page_tells_the_reasons():
    assert "it was better" in history_html([BY_VERDICT, BY_HAND])
    assert history_html([]) == "<p>no champion yet</p>"
