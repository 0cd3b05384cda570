from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256

import pandas as pd
import sqlalchemy as sa

from mlops_assets.decision.evidence import Evidence
from mlops_assets.decision.guardrails import split_p_value
from resources.state.promotions import promote
from resources.state.traffic import phases
from resources.state.verdicts import StoredVerdict, record_verdict
from serving.contest import read_contest

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAYLOAD = "<script>alert(1)</script>"


def store(state, **changes) -> None:
    values = {
        "outcome": "continue",
        "estimate": 0.02,
        "low": -0.05,
        "high": 0.09,
        "labels": 1200,
        "sentence": "too early",
    }
    with state.write() as connection:
        record_verdict(connection, StoredVerdict("wine_quality", 1, 2, at=NOON, **(values | changes)))


def page_of(client) -> str:
    """The page's text, every kind of blank made one."""
    return " ".join(client.get("/ab").text.split())


def test_running_experiment_shows_arms_counts_and_verdict(client, state):
    client.post("/predict", json={"rows": [{"alcohol": 9.4}] * 3})
    store(state)
    page = page_of(client)
    assert 'class="pill running"' in page
    assert "<strong>version 1</strong>" in page
    assert "<strong>version 2</strong>" in page
    assert "Over 1,200 labels its share of wrong answers is 2 points lower, which can still be luck." in page
    assert "too early" in page
    assert "after 1,200 labels the difference is between −5 and +9" in page
    # the lower end is 7 points away and must come within 2: 1200 * (7 / 2)**2 - 1200 = 13,500, to two figures 14,000
    assert "about 14,000 more, if the difference stays as it is" in page


def test_before_the_first_label_nothing_is_said_about_the_difference(client):
    page = page_of(client)
    assert "Both versions score each request; the truth will decide between them." in page
    assert "at least 50 more before any verdict" in page
    assert "No traffic yet." in page
    assert "<svg" not in page


def test_the_interval_is_drawn_over_its_looks(client, state):
    for labels, low, high in ((100, -0.4, 0.5), (200, -0.3, 0.3), (400, -0.1, 0.2)):
        store(state, labels=labels, low=low, high=high)
    page = page_of(client)
    # 400 labels are 1000 units wide; the scale reaches from -0.3 to 0.3 and a tenth of that beyond: -36 to 36 points,
    # so that +30 stands at 200 * (36 - 30) / 72 = 16.7 px
    assert 'd="M250.0,0.0 L500.0,0.0 L500.0,16.7 L1000.0,16.7 L1000.0,44.4' in page
    assert "400 labels</text>" in page
    assert "↑ version 2 better" in page


def test_a_split_that_is_not_as_set_is_an_alarm(client, state, router):
    client.post("/config", json={"ab_split_b": 1.0, "use_case": "wine_quality"})
    client.post("/predict", json={"rows": [{"alcohol": 9.4}] * 20})
    with state.write() as connection:
        connection.execute(sa.text("UPDATE traffic SET arm = 'A' WHERE arm = 'B'"))
        connection.execute(sa.text("UPDATE predictions SET arm = 'A' WHERE arm = 'B'"))
    page = page_of(client)
    assert 'class="pill alarm"' in page
    assert "The traffic split is not as set: nothing is promoted until that is explained." in page
    assert "0.0 % of 20 units were answered by B, 100.0 % were planned" in page
    assert "p &lt; 0.0001" in page
    assert "ab_split_b 0.3 → 1.0" in page


def test_a_split_that_went_wrong_in_an_earlier_phase_stays_an_alarm(client, state, router):
    """As in the graph, which promotes nothing then: labels of every phase are in the verdict."""
    client.post("/predict", json={"rows": [{"alcohol": 9.4}] * 80})
    with state.write() as connection:
        connection.execute(sa.text("UPDATE traffic SET units = 1000 WHERE arm = 'B'"))
    client.post("/config", json={"ab_split_b": 1.0, "use_case": "wine_quality"})
    client.post("/predict", json={"rows": [{"alcohol": 9.4}] * 20})
    page = page_of(client)
    assert 'class="pill alarm"' in page
    assert "In phase 1, before: " in page
    with state.read() as connection:
        counted = phases(connection, "wine_quality", 1, 2)
    facts = {
        "phases": [
            {
                "phase": phase,
                "split_b": split_b,
                **{
                    arm: {"answers": 0, "units": sum(c.units for c in counted if (c.phase, c.arm) == (phase, arm))}
                    for arm in "AB"
                },
            }
            for phase, split_b in ((1, 0.3), (2, 1.0))
        ]
    }
    with state.read() as connection:
        contest = read_contest(connection, router, router.use_cases["wine_quality"])
    assert contest.ratio_p_value == split_p_value(Evidence(pd.DataFrame(), facts))


def test_decided_experiment_says_what_was_decided(client, state):
    store(state, outcome="promote", sentence="it is better")
    page = page_of(client)
    assert 'class="pill decided"' in page
    assert "Version 2 is better and takes over." in page
    assert "after 1,200 labels" in page
    assert "it is better" in page
    assert "labels still needed" not in page


def test_one_model_alone_runs_no_experiment(client, router, registry):
    del registry.aliases["wine_quality", "challenger"]
    router.models.refresh()
    assert "Version 1 answers every request. No experiment is running." in client.get("/ab").text


def test_use_case_without_a_model_waits(client):
    assert "No model yet" in client.get("/ab").text


def test_what_others_wrote_appears_escaped_only(client, router, registry, state):
    store(state, sentence=PAYLOAD)
    with state.write() as connection:
        promote(connection, "wine_quality", 1, expected=None, kind="first", reason=PAYLOAD, at=NOON, by="test")
    page = client.get("/ab").text
    assert PAYLOAD not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2


def test_page_needs_nothing_from_outside(client):
    page = client.get("/ab").text
    assert "<script" not in page
    assert "style=" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_the_browser_is_told_to_take_this_style_and_nothing_else(client):
    answer = client.get("/ab")
    style = answer.text.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert answer.headers["Content-Security-Policy"].startswith(f"default-src 'none'; style-src 'sha256-{digest}';")


def test_problem_is_shown(client, registry, router):
    registry.down = True
    router.models.refresh()
    assert "registry: registry: connection refused" in client.get("/ab").text
