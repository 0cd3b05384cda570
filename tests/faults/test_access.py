"""Who is answered: nobody whose route is not listed, nobody without the role, nobody who guesses or was sent by others.

The table of roles is worked out here once more, by hand, so that a slip in `serving.access` does not pass unseen.
"""

import base64
import json
import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_router import keyed, make_keys, open_fake_router

from resources.state import audit
from serving.access import ROUTES, open_access
from serving.app import create_app
from serving.rate_limits import WRONG_KEYS

PLACES = {"<path:filename>": "js/swagger-ui-bundle.js", "<name>": "wine_quality", "<use_case>": "wine_quality"}
PUBLIC = {"/livez", "/readyz", "/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/<name>/ready"}
OPENS = {  # role of the key: roles of the routes that answer it
    "predictor": {"predictor"},
    "uploader": {"predictor", "uploader"},
    "viewer": {"viewer"},
    "operator": {"viewer", "operator"},
    "admin": {"predictor", "uploader", "viewer", "operator", "admin"},
}
CHANGE = {"use_case": "wine_quality", "ab_split_b": 0.9}
GUESSES = """
import sys, time
from pathlib import Path
time.time = lambda: {now}
sys.path.insert(0, {stage!r})
from fake_router import keyed, open_fake_router
from serving.access import open_access
from serving.app import create_app
from serving import counts
counts.BUSY_TIMEOUT_S = 300.0
router = open_fake_router(Path({home!r}))
client = create_app(router, open_access(keyed(Path({home!r})), router.state, router.clock)).test_client()
for number in range(100):
    print(client.get("/config", headers={{"X-API-Key": f"mlops_{{number:010d}}.guess"}}).status_code)
"""


@pytest.fixture
def router(tmp_path):
    router = open_fake_router(tmp_path / "home")
    yield router
    router.close()


@pytest.fixture
def keys(router):
    return make_keys(router)


@pytest.fixture
def access(router, keys, tmp_path):
    return open_access(keyed(tmp_path / "home"), router.state, router.clock)


@pytest.fixture
def app(router, access):
    app = create_app(router, access)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret", methods=["GET", "POST"])
    return app


@pytest.fixture
def client(app):
    return app.test_client()


def routes(app) -> list[tuple[str, str]]:
    """(rule, method) of everything that the application would answer."""
    pairs = [(rule.rule, method) for rule in app.url_map.iter_rules() for method in rule.methods - {"OPTIONS"}]
    assert ("/forgotten", "POST") in pairs
    return pairs


def ask(client, rule: str, method: str, **headers: str):
    path = rule
    for place, value in PLACES.items():
        path = path.replace(place, value)
    with client.open(path, method=method, json={} if method == "POST" else None, headers=headers) as answer:
        return answer


def test_without_a_key_only_what_is_public_answers(app, client):
    for rule, method in routes(app):
        status = ask(client, rule, method).status_code
        assert (status < 400) if rule in PUBLIC else (status in (401, 403)), (rule, method, status)


def test_a_forgotten_route_is_answered_to_nobody(client, keys):
    for key in keys.values():
        for method in ("GET", "HEAD", "POST"):
            assert ask(client, "/forgotten", method, **{"X-API-Key": key}).status_code == 403


@pytest.mark.parametrize("role", OPENS)
def test_a_key_opens_the_routes_of_its_role_and_no_other(app, client, keys, role):
    for rule, method in routes(app):
        due = ROUTES.get((rule, "GET" if method == "HEAD" else method))
        opens = due == "public" or due in OPENS[role]
        status = ask(client, rule, method, **{"X-API-Key": keys[role]}).status_code
        assert (status == 403) is not opens, (rule, method, status)
        assert status != 401


@pytest.mark.slow
def test_guessing_ends_after_the_limit_over_two_workers(tmp_path, router, keys, client, monkeypatch):
    home, now = tmp_path / "home", time.time()
    monkeypatch.setattr(time, "time", lambda: now)  # of all three, so that no minute passes however busy they are
    code = GUESSES.format(stage=str(Path(__file__).parents[1] / "stage"), home=str(home), now=now)
    workers = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    statuses = [int(line) for worker in workers for line in worker.communicate(timeout=600)[0].splitlines()]
    assert len(statuses) == 200
    assert statuses.count(401) == WRONG_KEYS.amount
    assert statuses.count(429) == 200 - WRONG_KEYS.amount
    refused = client.get("/config", headers={"X-API-Key": "mlops_0.guess"})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert client.get("/config", headers={"X-API-Key": keys["viewer"]}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Host": "evil.example"}, {"json": CHANGE}, 400),
        ({"Host": "127.0.0.1.evil.example:5050"}, {"json": CHANGE}, 400),
        ({"Origin": "http://evil.example"}, {"json": CHANGE}, 403),
        ({"Origin": "null"}, {"json": CHANGE}, 403),
        ({}, {"data": CHANGE}, 403),
        ({}, {"data": json.dumps(CHANGE), "content_type": "text/plain"}, 403),
        ({}, {"data": json.dumps(CHANGE), "content_type": "application/xml"}, 415),
        ({"Cookie": "X-API-Key={operator}"}, {"json": CHANGE}, 401),
        ({"Authorization": "Basic {login}"}, {"json": CHANGE}, 401),
    ],
)
def test_what_another_site_could_send_changes_nothing(client, router, keys, headers, body, status):
    own = {} if status == 401 else {"X-API-Key": keys["operator"]}
    login = base64.b64encode(f"ann:{keys['operator']}".encode()).decode()  # what a browser would send along
    sent = {name: value.format(login=login, **keys) for name, value in headers.items()}
    answer = client.post("/config", headers=own | sent, **body)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert router.splits.of("wine_quality").split_b == 0.3
    assert client.post("/config", json=CHANGE, headers={"X-API-Key": keys["operator"]}).status_code == 200


def test_keys_are_never_in_the_logs_the_answers_or_the_state(client, router, access, keys, caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    texts = [*keys.values(), "mlops_0123456789.wrong-one"]
    answers = [client.get("/config", headers={"X-API-Key": text}).text for text in texts]
    answers += [client.get("/config", headers={"Authorization": f"Bearer {text}"}).text for text in texts]
    answers.append(client.get("/config", headers={"X-API-Key": "mlops_0123456789.wrong-one"}).text)
    access.refresh()
    with router.state.read() as connection:
        rows = str(audit.last_changes(connection, None, limit=100))
    stored = b"".join(path.read_bytes() for path in (tmp_path / "home").rglob("*.db*"))
    for text in texts:
        secret = text.partition(".")[2]
        assert secret not in caplog.text + "".join(answers) + rows
        assert secret.encode() not in stored
