from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mlops_assets.report.ab import Experiment, Side, Traffic, ab_html
from mlops_assets.report.ab_words import ratio_light
from mlops_assets.report.interval_chart import Look
from mlops_assets.use_cases.load import find_use_case

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAYLOAD = "<script>alert(1)</script>"
CHAMPION = {
    "model": "forest",
    "accuracy": "0.612 (0.567 to 0.655)",
    "because": "the first batches",
}
CHALLENGER = {"model": "lightgbm", "accuracy": "0.671 (0.641 to 0.7)", "gate": "better by 0.02"}
EXPERIMENT = Experiment(
    champion=Side(4, CHAMPION, answers=1_400, labels=420),
    challenger=Side(5, CHALLENGER, answers=610, labels=180),
    outcome="continue",
    sentence="continue: after 600 labels it is open",
    labels=600,
    to_go=900,
    looks=[Look(n, 0.03, 0.03 - 2 / n**0.5, 0.03 + 2 / n**0.5) for n in range(20, 601, 20)],
    traffic=[
        Traffic(1, NOON, NOON + timedelta(hours=2), 800, 10, None, ratio_light(None, 0.0, 800, 10)),
        Traffic(2, NOON, NOON + timedelta(hours=9), 600, 600, 0.5, ratio_light(1.0, 0.5, 600, 600)),
    ],
    lag_s=(90.0, 7_200.0),
    promotions=[("2026-02-01 12:00", "first: 4", "verdict", "the first one")],
    changes=[("2026-03-01 11:00", "config", "local", "split_b 0.3 → 0.5")],
    made_at=NOON,
)


@pytest.fixture(scope="module")
def wine():
    return find_use_case("wine_quality")


def test_the_document_tells_question_answer_evidence_and_how_to_check_it(wine):
    page = ab_html(wine, EXPERIMENT)
    assert "Is the share of wrong answers of version 5 (B, the challenger) smaller" in page
    assert "Over 600 labels its share of wrong answers is 3 points lower, which can still be luck." in page
    assert "Labels still needed: about 900 more, if the difference stays as it is." in page
    assert "<td>0.612 (0.567 to 0.655)</td><td>0.671 (0.641 to 0.7)</td>" in page
    assert "<td>gate</td><td>not known</td><td>better by 0.02</td>" in page
    assert "half came within 90 seconds of the answer, nine in ten within 2 hours" in page
    assert "at most 5 of 100 experiments end wrongly, on average" in page
    assert "<code>mlops log export wine_quality</code>" in page
    assert "after 600 labels the difference is between −5.16 and +11.2" in page


def test_budget_and_maturity_are_explained(wine):
    rule = wine.decision.model_copy(update={"labels_max": 5_000, "matured": 0.8})
    page = ab_html(wine.model_copy(update={"decision": rule}), EXPERIMENT)
    assert "5,000 labels at most, 600 spent so far." in page
    assert "A label counts once its answer is as old as 80 % of the labels take to come" in page
    assert "600 labels came: 420 for answers of A, 180 for answers of B. The verdict counts 600." in page


def test_a_phase_whose_plan_is_forgotten_is_not_judged(wine):
    page = ab_html(wine, EXPERIMENT)
    assert "<td>not known</td><td>not judged: 10 of 810 units were answered by B.</td>" in page
    assert (
        "fine: 50.0\N{NO-BREAK SPACE}% of 1,200 units were answered by B, 50.0\N{NO-BREAK SPACE}% were planned" in page
    )


def test_a_decided_experiment_needs_no_more_labels(wine):
    page = ab_html(wine, replace(EXPERIMENT, outcome="promote"))
    assert "Version 5 is better and takes over." in page
    assert "Labels still needed" not in page


def test_an_experiment_without_labels_says_so(wine):
    page = ab_html(wine, replace(EXPERIMENT, looks=[], labels=0, to_go=None, lag_s=None, traffic=[]))
    assert "No label has come yet" in page
    assert "no traffic yet" in page
    assert 'class="plot"' not in page


def test_a_margin_is_explained_and_drawn(wine):
    margin = wine.model_copy(update={"decision": wine.decision.model_copy(update={"margin": 0.02})})
    page = ab_html(margin, EXPERIMENT)
    assert "Differences up to 0.02 do not matter to the owner" in page
    assert '<rect class="margin"' in page


def test_what_others_wrote_appears_escaped_only(wine):
    side = replace(EXPERIMENT.champion, facts={"because": PAYLOAD})
    page = ab_html(
        wine, replace(EXPERIMENT, champion=side, sentence=PAYLOAD, changes=[("now", PAYLOAD, PAYLOAD, PAYLOAD)])
    )
    assert PAYLOAD not in page
    assert page.count("&lt;script&gt;") == 5


def test_the_document_needs_nothing_from_outside(wine):
    page = ab_html(wine, EXPERIMENT)
    assert "<script" not in page
    assert "http" not in page
    assert "@page { size: A4" in page
