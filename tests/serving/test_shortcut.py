"""What the shortcut answers is what Flask would have answered, and it leaves everything doubtful to Flask."""

import json
from io import BytesIO

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, run_wsgi_app

from resources.settings import read_settings
from resources.state import keys
from resources.state.predictions import predictions
from resources.state.routing import Wanted
from serving.access import open_access
from serving.app import create_app
from serving.errors import NotReadyError
from serving.shortcut import Shortcut

ADDRESS = "/use-cases/wine_quality/predictions"
GOOD = {"features": {"alcohol": 9.4}}


@pytest.fixture
def both(router):
    """The application with the shortcut, and Flask alone; `seen` counts what Flask met behind the shortcut."""
    router.splits.change("wine_quality", Wanted(ab_split_b=0.0), expected=None, by="test")  # units are new each time
    quick, seen = watched(create_app(router))
    slow = create_app(router)
    object.__setattr__(find_shortcut(slow), "_model", lambda path: None)
    return quick, slow, seen


def watched(app):
    """The application, and the addresses that get past its shortcut."""
    shortcut, seen = find_shortcut(app), []
    flask = shortcut.flask

    def watch(environ, start_response):
        seen.append(environ["PATH_INFO"])
        return flask(environ, start_response)

    object.__setattr__(shortcut, "flask", watch)
    return app, seen


def find_shortcut(app) -> Shortcut:
    (found,) = (cell.cell_contents for cell in app.wsgi_app.__closure__ if isinstance(cell.cell_contents, Shortcut))
    return found


def ask(app, path=ADDRESS, data=None, **given):
    body = data if data is not None else json.dumps(GOOD).encode()
    options = {"headers": {"X-Request-ID": "r"}} | given
    chunks, status, headers = run_wsgi_app(app.wsgi_app, environ(path, body, **options))
    return status, sorted(headers.items()), b"".join(chunks)


def environ(path=ADDRESS, data=b"{}", **given):
    builder = EnvironBuilder(path, data=data, **{"method": "POST", "content_type": "application/json"} | given)
    try:
        return builder.get_environ()
    finally:
        builder.close()


def comparable(answer):
    """The answer without what is new each time."""
    status, headers, body = answer
    told = json.loads(body)
    for one in told.get("predictions", [told]):
        one.pop("prediction_id", None)
        one.pop("unit_id", None)
    return status, [(name, value) for name, value in headers if name != "Content-Length"], told


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (ADDRESS, {"unit_id": "u", **GOOD}),
        (ADDRESS, {"rows": [{"alcohol": 1}, {"alcohol": 2}]}),
        ("/predict", GOOD),
        ("/predict", {"use_case": "wine_quality", **GOOD}),
    ],
)
def test_a_plain_request_never_meets_flask_and_gets_the_same_answer(both, path, body):
    quick, slow, seen = both
    data = json.dumps(body).encode()
    assert comparable(ask(quick, path, data)) == comparable(ask(slow, path, data))
    assert seen == []


def test_an_answer_of_the_shortcut_names_its_request(both):
    quick, _, seen = both
    first, second, named = (
        dict(ask(quick, headers=headers)[1])["X-Request-ID"] for headers in ({}, {}, {"X-Request-ID": "r-1"})
    )
    assert (len(first), len(second), named) == (16, 16, "r-1")
    assert first != second
    assert seen == []


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/use-cases/nothing/predictions", {}),
        ("/use-cases/delivery_time/predictions", {}),
        (ADDRESS, {"data": b"{"}),
        (ADDRESS, {"data": b""}),
        (ADDRESS, {"data": b'{"features": {"alcohol": NaN}}'}),
        (ADDRESS, {"data": b'{"features": {}, "rows": []}'}),
        (ADDRESS, {"data": b'{"features": {"alcohol": "strong"}}'}),
        (ADDRESS, {"method": "GET"}),
        (ADDRESS, {"content_type": "text/plain"}),
        (ADDRESS, {"headers": {"X-Request-ID": "r", "Host": "evil.example"}}),
        (ADDRESS, {"headers": {"X-Request-ID": "r", "Origin": "https://evil.example"}}),
        (ADDRESS, {"headers": {"X-Request-ID": "r", "Transfer-Encoding": "chunked, chunked"}}),
        ("/predict", {"data": b'{"use_case": "nothing", "features": {"alcohol": 1}}'}),
    ],
)
def test_whatever_is_not_plain_is_refused_by_flask(both, path, given):
    quick, slow, seen = both
    refused = ask(quick, path, **given)
    assert comparable(refused) == comparable(ask(slow, path, **given))
    assert not refused[0].startswith("200")
    assert seen == [path]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "features": st.dictionaries(st.sampled_from(["alcohol", "pH", "nothing"]), VALUES) | VALUES,
        "rows": st.lists(st.dictionaries(st.sampled_from(["alcohol", "pH"]), VALUES), max_size=3) | VALUES,
        "unit_id": st.text(max_size=4) | VALUES,
        "use_case": st.sampled_from(["wine_quality", "nothing"]) | VALUES,
    },
)


@settings(max_examples=60)
@given(body=BODIES, path=st.sampled_from([ADDRESS, "/predict"]))
def test_any_body_gets_the_answer_that_flask_gives(both, body, path):
    quick, slow, _ = both
    data = json.dumps(body).encode()
    assert comparable(ask(quick, path, data)) == comparable(ask(slow, path, data))


def test_an_error_behind_the_shortcut_is_told_by_flask_and_not_tried_again(both, router, monkeypatch):
    quick, _, seen = both
    calls = []

    def refuse(rows):
        calls.append(rows)
        raise NotReadyError("the disk is full")

    monkeypatch.setattr(router.log, "append_each", refuse)
    status, headers, body = ask(quick)
    assert (status[:3], json.loads(body)["detail"]) == ("503", "the disk is full")
    assert ("Retry-After", "2") in headers
    assert (len(calls), seen) == (1, [ADDRESS])


@pytest.mark.parametrize(("length", "status"), [("40", "400"), ("9" * 20, "413"), ("-1", "4"), ("x", "4")])
def test_a_length_that_lies_is_left_to_flask(both, length, status):
    quick, _, seen = both
    sent = environ() | {"CONTENT_LENGTH": length, "wsgi.input": BytesIO(b"{}")}
    _, told, _ = run_wsgi_app(quick.wsgi_app, sent)
    assert told.startswith(status)
    assert seen == [ADDRESS]


@pytest.mark.parametrize(
    ("role", "header", "status", "past"),
    [
        ("predictor", "X-API-Key", "200", False),
        ("admin", "X-API-Key", "200", False),
        ("predictor", "Authorization", "200", True),  # Flask's extension reads it
        ("viewer", "X-API-Key", "403", True),
        (None, "X-API-Key", "401", True),
    ],
)
def test_a_key_that_is_due_must_be_right(router, state, tmp_path, role, header, status, past):
    key = "wrong"
    if role is not None:
        with state.write() as connection:
            key = keys.create(connection, role, at=router.clock(), by="test")[1]
    wanted = read_settings({}, home=tmp_path, keys_required=True)
    app, seen = watched(create_app(router, open_access(wanted, state, router.clock)))
    answer = ask(app, headers={header: f"Bearer {key}" if header == "Authorization" else key})
    assert answer[0].startswith(status)
    assert seen == ([ADDRESS] if past else [])


def test_the_log_knows_whose_key_asked(router, state, tmp_path):
    with state.write() as connection:
        key_id, key = keys.create(connection, "predictor", at=router.clock(), by="test")[:2]
    wanted = read_settings({}, home=tmp_path, keys_required=True)
    ask(create_app(router, open_access(wanted, state, router.clock)), headers={"X-API-Key": key})
    with state.read() as connection:
        assert connection.execute(sa.select(predictions.c.asked_by)).scalars().all() == [getattr(key_id, "id", key_id)]


def test_callers_who_are_counted_are_counted_once(router, state, tmp_path):
    limited = read_settings({}, home=tmp_path, rate_limit="2/minute")
    app = create_app(router, open_access(limited, state, router.clock))
    assert [ask(app)[0][:3] for _ in range(3)] == ["200", "200", "429"]


class Gone:
    """A connection whose other end went away."""

    def read(self, size: int = -1) -> bytes:
        raise ConnectionResetError("gone")


def test_a_caller_who_goes_away_is_no_error_of_ours(both):
    _, told, _ = run_wsgi_app(both[0].wsgi_app, environ() | {"CONTENT_LENGTH": "9", "wsgi.input": Gone()})
    assert told.startswith("400")
