from datetime import timedelta

import pytest
import sqlalchemy as sa

from resources.state import audit, keys


@pytest.fixture
def made(state, at):
    """A predictor's key that holds ninety days, and its text."""
    with state.write() as connection:
        return keys.create(connection, "predictor", at=at, by="ann", note="shop", expires_at=at + timedelta(days=90))


def known(state) -> dict[str, keys.Key]:
    with state.read() as connection:
        return {key.id: key for key in keys.all_keys(connection)}


def test_a_key_proves_itself_and_only_its_hash_is_stored(state, at, made):
    key, text = made
    assert keys.check(known(state), text, at) == key
    key_id, _, secret = text.partition(".")
    assert key_id == key.id
    assert len(secret) == 43  # 32 bytes in base 64
    with state.read() as connection:
        stored = str(connection.execute(sa.select(keys.keys)).all())
    assert secret not in stored
    assert secret not in repr(key)
    assert key.secret_sha256 not in repr(key)


@pytest.mark.parametrize(
    "change", ["", ".", "{id}", "{id}.", "{id}.wrong", "mlops_0.{secret}", "{id}.{secret}x", "é.é"]
)
def test_what_is_not_the_key_proves_nothing(state, at, made, change):
    key_id, _, secret = made[1].partition(".")
    assert keys.check(known(state), change.format(id=key_id, secret=secret), at) is None


def test_an_expired_key_proves_nothing(state, at, made):
    _, text = made
    assert keys.check(known(state), text, at + timedelta(days=90) - timedelta(seconds=1)) is not None
    assert keys.check(known(state), text, at + timedelta(days=90)) is None


def test_two_keys_hold_at_a_time_until_the_first_is_revoked(state, at, made):
    first, first_text = made
    with state.write() as connection:
        _, second_text = keys.create(connection, "predictor", at=at, by="ann")
    assert all(keys.check(known(state), text, at) for text in (first_text, second_text))
    with state.write() as connection:
        revoked = keys.revoke(connection, first.id, at=at, by="ann")
    assert revoked.revoked_at == at
    assert keys.check(known(state), first_text, at) is None
    assert keys.check(known(state), second_text, at) is not None


def test_revoking_again_changes_nothing(state, at, made):
    key, _ = made
    with state.write() as connection:
        keys.revoke(connection, key.id, at=at, by="ann")
        again = keys.revoke(connection, key.id, at=at + timedelta(days=1), by="bob")
        rows = audit.last_changes(connection, None)
    assert again.revoked_at == at
    assert [row.action for row in rows] == ["revoke_key", "create_key"]


def test_revoking_an_unknown_key_names_the_command_that_lists_them(state, at):
    with state.write() as connection, pytest.raises(LookupError, match="'mlops_x' is unknown; `mlops keys list`"):
        keys.revoke(connection, "mlops_x", at=at, by="ann")


def test_the_last_use_is_kept(state, at, made):
    with state.write() as connection:
        keys.mark_used(connection, {made[0].id: at + timedelta(hours=1)})
    assert known(state)[made[0].id].last_used_at == at + timedelta(hours=1)


def test_every_change_of_keys_is_in_the_audit_without_hash_or_secret(state, at, made):
    key, text = made
    with state.write() as connection:
        keys.revoke(connection, key.id, at=at, by="bob")
        revoked, created = audit.last_changes(connection, None)
    assert (created.who, created.action, created.after["key"]) == ("ann", "create_key", key.id)
    assert (revoked.who, revoked.before["revoked_at"], revoked.after["revoked_at"]) == ("bob", None, at.isoformat())
    assert not {text, text.partition(".")[2], key.secret_sha256} & set(str([revoked, created]).split("'"))
