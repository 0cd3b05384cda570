import json
import stat

import pytest

from resources.state import audit, keys


def stored(empty) -> list[keys.Key]:
    with empty.state.read() as connection:
        return keys.all_keys(connection)


def test_a_key_is_shown_once_and_holds(empty, mlops):
    done = mlops("keys", "create", "--role", "predictor", "--note", "web shop", "--expires", "90d")
    assert done.code == 0
    (text,) = done.out
    (key,) = stored(empty)
    assert keys.check({key.id: key}, text, empty.clock()) == key
    assert (key.role, key.note, (key.expires_at - key.created_at).days) == ("predictor", "web shop", 90)
    assert text not in " ".join(done.err)
    listed = mlops("keys", "list")
    assert listed.out[0].split() == [key.id, "predictor", "valid", "never", "used", "web", "shop"]
    assert text.partition(".")[2] not in " ".join(listed.out + mlops("keys", "list", "--json").out)


def test_a_key_goes_into_a_file_that_only_its_owner_reads(empty, mlops, tmp_path):
    file = tmp_path / "shop.key"
    done = mlops("keys", "create", "--role", "viewer", "--out", str(file))
    (key,) = stored(empty)
    assert done.out == []
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keys.check({key.id: key}, file.read_text(encoding="utf-8").strip(), empty.clock()) == key
    again = mlops("keys", "create", "--role", "viewer", "--out", str(file))
    assert (again.code, len(stored(empty))) == (2, 1)
    assert "File exists" in " ".join(again.err)


def test_a_key_is_replaced_by_a_second_one_before_it_is_revoked(empty, mlops):
    first, second = mlops("keys", "create", "--role", "admin").out + mlops("keys", "create", "--role", "admin").out
    assert mlops("keys", "revoke", first.partition(".")[0]).code == 0
    known = {key.id: key for key in stored(empty)}
    assert keys.check(known, first, empty.clock()) is None
    assert keys.check(known, second, empty.clock()) is not None
    states = {row["id"]: row["state"] for row in map(json.loads, mlops("keys", "list", "--json").out)}
    assert states == {first.partition(".")[0]: "revoked", second.partition(".")[0]: "valid"}
    with empty.state.read() as connection:
        assert [row.who for row in audit.last_changes(connection, None)] == ["mlops keys"] * 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("create",), "Missing option '--role'"),
        (("create", "--role", "root"), "'root' is not one of"),
        (("create", "--role", "admin", "--expires", "soon"), "--expires 'soon': a whole number of days, hours or"),
        (("create", "--role", "admin", "--note", "x" * 129), "--note: at most 128 printable characters"),
        (("create", "--role", "admin", "--out", "/nowhere/key"), "No such file or directory: '/nowhere/key'"),
        (("revoke", "mlops_x"), "key 'mlops_x' is unknown"),
    ],
)
def test_a_wrong_call_is_exit_code_2_and_makes_no_key(empty, mlops, arguments, sentence):
    done = mlops("keys", *arguments)
    assert done.code == 2
    assert sentence in " ".join(" ".join(done.err).split())
    assert stored(empty) == []
