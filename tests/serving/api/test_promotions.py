from datetime import UTC, datetime

import pytest

from resources.state import audit, promotions
from resources.state.verdicts import StoredVerdict, record_verdict

NAME = "wine_quality"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def first(router):
    """Version 1 is champion by its row, as by its alias."""
    with router.state.write() as connection:
        promotions.promote(connection, NAME, 1, expected=None, kind="first", reason="first", at=AT, by="graph")
    router.models.follow()


def promote(client, to_version=2, expected_version=1, **more):
    body = {"use_case": NAME, "to_version": to_version, "expected_version": expected_version, "reason": "better"}
    return client.post("/promote", json=body | more)


def rollback(client):
    return client.post("/rollback", json={"use_case": NAME, "reason": "complaints"})


def champion(router):
    with router.state.read() as connection:
        row = promotions.current(connection, NAME)
    return row, router.models.of(NAME).champion.version


def test_a_promoted_version_serves_before_the_answer_goes_out(client, router, registry, first):
    answer = promote(client)
    assert answer.status_code == 200
    told = [answer.json[name] for name in ("number", "kind", "from_version", "to_version", "by", "alias_set")]
    assert told == [2, "promote", 1, 2, "local", True]
    assert champion(router) == (2, 2)
    assert registry.aliases[NAME, "champion"] == 2
    assert router.models.of(NAME).challenger.version == 1  # watched
    assert router.models.of(NAME).problems == {}


def test_a_rollback_restores_the_version_before(client, router, registry, first):
    promote(client)
    answer = rollback(client)
    assert (answer.status_code, answer.json["kind"], answer.json["to_version"]) == (200, "rollback", 1)
    assert champion(router) == (1, 1)
    assert registry.aliases[NAME, "champion"] == 1


def test_whoever_saw_an_older_champion_is_refused(client, router, first):
    promote(client)
    answer = promote(client, 3, expected_version=1)
    assert answer.status_code == 422  # not registered: nothing of it can be tried
    answer = promote(client, 1, expected_version=3)
    assert answer.status_code == 409
    assert "expected version 3, it is 2; read it again" in answer.json["detail"]
    assert champion(router) == (2, 2)


def test_there_must_be_a_champion_to_go_back_to(client, first):
    answer = rollback(client)
    assert answer.status_code == 409
    assert "no previous champion" in answer.json["detail"]


@pytest.mark.parametrize(
    ("mark", "told"), [({"broken": True}, "is not the registered one"), ({"unfit": True}, "ended by SIGFPE")]
)
def test_no_row_is_written_for_a_version_that_does_not_serve(client, router, registry, first, mark, told):
    registry.add(NAME, 3, value=7, **mark)
    answer = promote(client, 3)
    assert answer.status_code == 422
    assert answer.json["detail"].startswith("nothing was changed: version 3 does not serve: ")
    assert told in answer.json["detail"]
    assert champion(router) == (1, 1)


def test_an_unknown_version_is_refused(client, router, first):
    answer = promote(client, 9)
    assert answer.status_code == 422
    assert "version 9 of 'wine_quality' is not registered" in answer.json["detail"]


def test_a_version_that_must_be_fetched_waits_for_the_registry(client, router, registry, first):
    registry.add(NAME, 3, value=7)
    registry.down = True
    answer = promote(client, 3)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.json["detail"].startswith("nothing was changed: registry")
    assert champion(router) == (1, 1)


def test_a_rollback_does_not_wait_for_the_registry(client, router, registry, first):
    promote(client)
    registry.down = True
    answer = rollback(client)
    assert (answer.status_code, answer.json["alias_set"]) == (200, False)
    assert champion(router) == (1, 1)
    assert registry.aliases[NAME, "champion"] == 2


def test_the_same_version_is_no_promotion(client, first):
    assert promote(client, 1, expected_version=1).status_code == 422


def test_every_change_leaves_an_audit_row(client, router, first):
    promote(client)
    with router.state.read() as connection:
        watch, change = audit.last_changes(connection, NAME)[:2]
    assert (watch.who, watch.after["split_b"]) == ("watch", 0.0)  # the version before scores on, and answers nobody
    assert (change.who, change.action, change.before) == ("local", "promote", 1)
    assert change.after == {"version": 2, "reason": "better"}


def test_the_history_tells_reason_and_verdict(client, router, first):
    verdict = StoredVerdict(NAME, 1, 2, "promote", 0.1, 0.05, 0.15, 253, AT, "B is better by 0.1")
    with router.state.write() as connection:
        stored = record_verdict(connection, verdict)
        promotions.promote(
            connection, NAME, 2, expected=1, kind="promote", reason=verdict.sentence, at=AT, by="verdict",
            verdict_id=stored.id,
        )  # fmt: skip
    newest, oldest = client.get(f"/promotions?use_case={NAME}").json["promotions"]
    assert (newest["number"], newest["from_version"], newest["to_version"], newest["by"]) == (2, 1, 2, "verdict")
    assert newest["verdict"] == {
        "outcome": "promote", "sentence": "B is better by 0.1", "labels": 253, "estimate": 0.1, "low": 0.05,
        "high": 0.15, "at": "2026-03-01T12:00:00+00:00",
    }  # fmt: skip
    assert (oldest["kind"], oldest["reason"], oldest["verdict"]) == ("first", "first", None)
    assert len(client.get(f"/promotions?use_case={NAME}&limit=1").json["promotions"]) == 1


def test_histories_of_unknown_use_cases_are_not_found(client):
    assert client.get("/promotions?use_case=beer").status_code == 404
