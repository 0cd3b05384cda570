"""The check before every route; what it must withstand stands in tests/faults/test_access.py."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from resources.settings import read_settings
from resources.state import audit, keys
from serving.access import BODIES, ROUTES, OpenBindError, check_bind, open_access
from serving.app import create_app
from serving.callers import MAY

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def now():
    """A clock that stands, as a list of one moment."""
    return [NOON]


@pytest.fixture
def make_key(state):
    def make(role: str, **changes) -> str:
        with state.write() as connection:
            return keys.create(connection, role, at=NOON, by="test", **changes)[1]

    return make


@pytest.fixture
def make_access(state, tmp_path, now):
    def make(**settings):
        wanted = read_settings({}, home=tmp_path, **{"keys_required": True, **settings})
        return open_access(wanted, state, lambda: now[0])

    return make


@pytest.fixture
def settings(state, tmp_path):
    def settings(**changes):
        return read_settings({}, home=tmp_path, state_url=state.url, **changes)

    return settings


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_may_be_bound_without_keys(settings, host):
    check_bind(settings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "router.example", ""])
def test_anything_else_needs_a_key(settings, host, make_key):
    with pytest.raises(OpenBindError, match="beyond this machine and the router has no keys: mlops keys create"):
        check_bind(settings(host=host))
    make_key("viewer")
    check_bind(settings(host=host))


def test_a_key_that_holds_no_more_is_none(settings, make_key):
    make_key("viewer", expires_at=NOON)
    with pytest.raises(OpenBindError, match="MLOPS_KEYS_REQUIRED is set and the router has no keys"):
        check_bind(settings(keys_required=True))


def test_every_role_says_what_it_may(router):
    assert set(ROUTES.values()) <= set(MAY)
    assert all(role in may and "public" in may for role, may in MAY.items())
    assert MAY["admin"] == set(MAY)


def test_only_a_route_that_exists_takes_another_type(router):
    assert set(BODIES) <= {rule.rule for rule in create_app(router).url_map.iter_rules()}


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
    assert headers["Cache-Control"] == "no-store"
    assert client.get("/livez").headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_a_host_that_was_named_is_answered(router, make_access):
    client = create_app(
        router, make_access(keys_required=False, trusted_hosts="Router.example, ml.example")
    ).test_client()
    for host in ("router.example", "ml.example:5050", "localhost"):
        assert client.get("/config", headers={"Host": host}).status_code == 200
    assert client.get("/config", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/config", headers={"Origin": "https://ml.example"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "opens"),
    [
        ({"X-API-Key": "{key}"}, True),
        ({"Authorization": "Bearer {key}"}, True),
        ({"Authorization": "bearer {key}"}, True),
        ({"Authorization": "Basic {login}"}, True),
        ({"Authorization": "Basic {key}"}, False),
        ({"Authorization": "Digest {key}"}, False),
        ({"Authorization": "{key}"}, False),
        ({"X-API-Key": ""}, False),
        ({"X-API-Key": "{key}x"}, False),
        ({}, False),
    ],
)
def test_a_key_comes_in_a_header_or_as_the_password_of_a_browser(router, make_access, make_key, headers, opens):
    key = make_key("viewer")
    login = base64.b64encode(f"ann:{key}".encode()).decode()
    sent = {name: value.format(key=key, login=login) for name, value in headers.items()}
    answer = create_app(router, make_access()).test_client().get("/config", headers=sent)
    assert answer.status_code == (200 if opens else 401)
    if not opens:
        schemes = [value.split(" ")[0] for value in answer.headers.getlist("WWW-Authenticate")]
        assert schemes == ["ApiKey", "Bearer", "Basic"]
        assert "key" in answer.json["detail"]


def test_a_key_counts_from_the_next_refresh_and_until_it_is_revoked_or_expires(
    router, state, make_access, make_key, now
):
    access = make_access()
    client = create_app(router, access).test_client()
    key = make_key("viewer", expires_at=NOON + timedelta(days=1))
    sent = {"X-API-Key": key}
    assert client.get("/config", headers=sent).status_code == 401
    access.refresh()
    assert client.get("/config", headers=sent).status_code == 200
    now[0] = NOON + timedelta(days=1)
    assert client.get("/config", headers=sent).status_code == 401
    now[0] = NOON
    with state.write() as connection:
        keys.revoke(connection, key.partition(".")[0], at=NOON, by="test")
    access.refresh()
    assert client.get("/config", headers=sent).status_code == 401


def test_losing_the_last_key_opens_nothing(router, state, make_access, make_key):
    key = make_key("admin")
    access = make_access()
    with state.write() as connection:
        keys.revoke(connection, key.partition(".")[0], at=NOON, by="test")
    access.refresh()
    assert create_app(router, access).test_client().get("/config").status_code == 401


def test_too_few_rights_are_told_with_both_roles(router, make_access, make_key):
    key = make_key("viewer")
    answer = (
        create_app(router, make_access())
        .test_client()
        .post("/config", json={"ab_split_b": 0.9}, headers={"X-API-Key": key})
    )
    assert answer.status_code == 403
    assert answer.json["detail"] == "this route is for the role operator, and your key has the role viewer"


@pytest.mark.parametrize(("sent", "kept"), [("abc-1.2_3", True), ("a" * 64, True), ("a" * 65, False), ("a\tb", False)])
def test_every_answer_names_its_request(client, sent, kept):
    for path, status in (("/livez", 200), ("/nothing", 404)):
        answer = client.get(path, headers={"X-Request-ID": sent})
        assert answer.status_code == status
        assert (answer.headers["X-Request-ID"] == sent) is kept
    assert answer.json["instance"] == answer.headers["X-Request-ID"]
    assert client.get("/livez").headers["X-Request-ID"] != client.get("/livez").headers["X-Request-ID"]


def test_a_change_is_in_the_audit_with_role_route_and_request(router, state, make_access, make_key):
    client = create_app(router, make_access()).test_client()
    headers = {"X-API-Key": make_key("operator"), "X-Request-ID": "r-1"}
    client = create_app(router, make_access()).test_client()
    assert client.post("/config", json={"ab_split_b": 0.9}, headers=headers).status_code == 200
    with state.read() as connection:
        (row,) = audit.last_changes(connection, "wine_quality")
    assert (row.action, row.role, row.route, row.request_id) == ("config", "operator", "/config", "r-1")
    assert audit.asking.get() is None


def test_a_refusal_is_in_the_audit_after_the_refresh(router, state, make_access, make_key):
    key = make_key("viewer")
    access = make_access()
    client = create_app(router, access).test_client()
    client.post("/config", json={}, headers={"X-API-Key": key, "X-Request-ID": "r-2"})
    client.get("/ab", headers={"X-Request-ID": "r-1"})
    access.refresh()
    with state.read() as connection:
        last, first, _ = audit.last_changes(connection, None)
    assert (first.who, first.role, first.route) == (key.partition(".")[0], "viewer", "POST /config")
    assert (first.action, first.after, first.request_id) == ("refused", {"status": 403}, "r-2")
    assert (last.who, last.role, last.route, last.after) == ("127.0.0.1", "public", "GET /ab", {"status": 401})


def test_an_address_that_no_route_has_is_told_in_letters_that_every_database_and_terminal_takes(
    router, state, make_access
):
    access = make_access(proxy_hops=1)
    headers = {"Origin": "https://evil.example", "X-Forwarded-For": "1" * 200}
    assert create_app(router, access).test_client().get("/a%00%1b[2Jb%E2%80%AE", headers=headers).status_code == 403
    access.refresh()
    with state.read() as connection:
        (row,) = audit.last_changes(connection, None)
    assert row.route == "GET /a??[2Jb?"
    assert len(row.who) <= audit.audit.c.who.type.length


def test_a_caller_may_be_limited_and_health_is_not(router, make_access, make_key):
    first, second = make_key("viewer"), make_key("viewer")
    client = create_app(router, make_access(rate_limit="3/minute")).test_client()
    statuses = [client.get("/config", headers={"X-API-Key": first}).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert client.get("/config", headers={"X-API-Key": second}).status_code == 200
    assert [client.get("/livez").status_code for _ in range(5)] == [200] * 5


@pytest.mark.parametrize(("hops", "address"), [(0, "127.0.0.1"), (1, "203.0.113.9")])
def test_only_a_named_proxy_says_who_asked(router, state, make_access, hops, address):
    access = make_access(proxy_hops=hops, trusted_hosts="ml.example")
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Forwarded-Host": "ml.example"}
    assert create_app(router, access).test_client().get("/ab", headers=headers).status_code == 401
    access.refresh()
    with state.read() as connection:
        assert audit.last_changes(connection, None)[0].who == address


def test_a_body_that_could_end_at_two_places_ends_the_connection(client):
    answer = client.post("/predict", data=b"", headers={"Transfer-Encoding": "chunked, chunked"})
    assert (answer.status_code, answer.headers["Connection"]) == (400, "close")


def test_readiness_tells_strangers_that_and_no_more(router, make_access, make_key):
    key = make_key("predictor")
    client = create_app(router, make_access()).test_client()
    for headers in ({}, {"X-API-Key": "mlops_0123456789.guess"}):
        answer = client.get("/readyz", headers=headers)
        assert (answer.status_code, answer.json["status"], answer.json["use_cases"]) == (200, "ready", [])
    told = client.get("/readyz", headers={"X-API-Key": key}).json["use_cases"]
    assert "wine_quality" in [one["use_case"] for one in told]
