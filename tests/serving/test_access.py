import pytest

from serving.access import ROUTES, OpenBindError, check_bind
from serving.app import create_app


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_may_be_bound(host):
    check_bind(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "router.example", ""])
def test_anything_else_is_refused(host):
    with pytest.raises(OpenBindError, match="the router has no keys"):
        check_bind(host)


def test_every_route_is_open_or_refused(router):
    app = create_app(router)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    client = app.test_client()
    refused = []
    rules = {(rule.rule, method) for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}}
    for rule, method in rules - set(ROUTES):
        path = rule.replace("<path:filename>", "x").replace("<name>", "x")
        answer = client.open(path, method=method, json={} if method == "POST" else None)
        assert answer.status_code == 403, rule
        refused.append(rule)
    assert "/forgotten" in refused
    assert rules >= set(ROUTES)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:5050", "[", "localhost@evil.example"]
)
def test_foreign_host_is_refused(client, host):
    answer = client.get("/config", headers={"Host": host})
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("host", ["127.0.0.1:5050", "localhost", "[::1]:5050"])
def test_own_host_is_answered(client, host):
    assert client.get("/livez", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1.evil.example"])
def test_pages_of_other_sites_change_nothing(client, router, origin):
    answer = client.post("/config", json={"ab_split_b": 0.9, "use_case": "wine_quality"}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert router.splits.of("wine_quality").split_b == 0.3


def test_a_form_changes_nothing(client, router):
    answer = client.post("/config", data={"ab_split_b": "0.9"})
    assert answer.status_code == 403
    assert "Content-Type: application/json" in answer.json["detail"]
    assert router.splits.of("wine_quality").split_b == 0.3


def test_answers_are_hardened(client):
    headers = client.get("/ab").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
