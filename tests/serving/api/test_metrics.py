import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from resources.state.promotions import promote
from resources.state.verdicts import StoredVerdict, record_verdict

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINE = {"use_case": "wine_quality"}


@pytest.fixture
def scrape(client):
    """Samples of one scrape: name and labels to value."""

    def scrape() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        answer = client.get("/metrics")
        assert answer.status_code == 200
        assert answer.content_type.startswith("text/plain")
        families = text_string_to_metric_families(answer.text)
        return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}

    return scrape


def value(found, name, **labels):
    return found.get((name, frozenset(labels.items())))


def test_the_split_and_its_p_value_are_shown_while_two_versions_serve(client, scrape, router, registry):
    client.post("/predict", json={"rows": [{"alcohol": 9.4}] * 20})
    found = scrape()
    assert value(found, "mlops_split_b", **WINE) == 0.3
    assert value(found, "mlops_sample_ratio_p_value", **WINE) > 0.05
    assert value(found, "mlops_sample_ratio_p_value", use_case="delivery_time") is None
    assert value(found, "mlops_model_serving", alias="champion", version="1", **WINE) == 1
    assert value(found, "mlops_workers", service="router") == 1


def test_a_sample_ratio_mismatch_is_shown(client, scrape, router):
    client.post("/config", json={"ab_split_b": 0.0, "use_case": "wine_quality"})
    client.post("/config", json={"ab_split_b": 1.0, "use_case": "wine_quality"})
    client.post("/predict", json={"rows": [{"alcohol": 9.4}] * 20})
    with router.state.write() as connection:
        connection.execute(sa.text("UPDATE traffic SET arm = 'A' WHERE arm = 'B'"))
    assert value(scrape(), "mlops_sample_ratio_p_value", **WINE) == 0.0


def test_verdict_labels_and_promotions_come_from_the_database(client, scrape, state):
    (answer,) = client.post("/predict", json={"rows": [{"alcohol": 9.4}]}).json["predictions"]
    client.post("/feedback", json={"prediction_id": answer["prediction_id"], "truth": 6})
    with state.write() as connection:
        record_verdict(connection, StoredVerdict("wine_quality", 1, 2, "continue", 0.1, -0.2, 0.4, 9, NOON, "early"))
        promote(connection, "wine_quality", 1, expected=None, kind="first", reason="first", at=NOON, by="test")
    found = scrape()
    assert value(found, "mlops_labels", arm=answer["arm"], **WINE) == 1
    assert value(found, "mlops_verdict", outcome="continue", **WINE) == 1
    assert [value(found, "mlops_difference", end=end, **WINE) for end in ("low", "estimate", "high")] == [
        -0.2,
        0.1,
        0.4,
    ]
    assert value(found, "mlops_promotions_total", **WINE) == 1
    assert value(found, "mlops_last_promotion_timestamp_seconds", **WINE) == NOON.timestamp()
    assert value(found, "mlops_state_reachable") == 1


def test_counts_come_while_the_database_is_away(client, scrape, state):
    client.post("/predict", json={"rows": [{"alcohol": 9.4}]})
    with state.write() as connection:
        connection.execute(sa.text("ALTER TABLE verdicts RENAME TO gone"))
    found = scrape()
    assert value(found, "mlops_state_reachable") == 0
    assert value(found, "mlops_workers", service="router") == 1
    assert value(found, "mlops_split_b", **WINE) is None


def test_the_operators_page_names_every_metric(client):
    exposed = {family.name for family in text_string_to_metric_families(client.get("/metrics").text)}
    page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    named = re.findall(r"`(mlops_\w+)`", page.partition("## Metrics")[2].partition("\n## ")[0])
    assert {name.removesuffix("_total") for name in named} == exposed
