from datetime import UTC, datetime

from resources.state.promotions import promote
from resources.state.verdicts import StoredVerdict, record_verdict

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


def test_running_experiment_shows_arms_counts_and_verdict(client, router, state):
    for _ in range(3):
        client.post("/predict", json={"features": {"alcohol": 9.4}})
    store(state)
    page = client.get("/ab").text
    assert "running" in page
    assert "version 1" in page
    assert "version 2" in page
    assert "too early" in page
    assert "1,200" in page
    assert "between -0.05 and 0.09" in " ".join(page.split())


def test_decided_experiment_says_what_was_decided(client, state):
    store(state, outcome="promote", sentence="version 2 is better")
    page = client.get("/ab").text
    assert 'class="pill decided"' in page
    assert "version 2 is better" in page


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
    assert "http://" not in page
    assert "https://" not in page


def test_problem_is_shown(client, registry, router):
    registry.down = True
    router.models.refresh()
    assert "registry: registry: connection refused" in client.get("/ab").text
