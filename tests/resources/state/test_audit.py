from resources.state.audit import Asking, Change, asking, last_changes, record


def test_changes_come_newest_first_and_stop_at_the_limit(state, at):
    changes = [Change("ann", "config", at, "w", {"split_b": n}, {"split_b": n + 1}) for n in range(3)]
    with state.write() as connection:
        for change in changes:
            record(connection, change)
        record(connection, Change("bob", "config", at, "v"))
        assert last_changes(connection, "w", limit=2) == [changes[2], changes[1]]


def test_a_refused_change_leaves_no_row(state, at):
    class RefusedError(Exception):
        pass

    try:
        with state.write() as connection:
            record(connection, Change("ann", "config", at, "w"))
            raise RefusedError
    except RefusedError:
        pass
    with state.read() as connection:
        assert last_changes(connection, "w") == []


def test_a_change_carries_what_was_asked(state, at):
    reset = asking.set(Asking("operator", "/config", "r1"))
    try:
        with state.write() as connection:
            record(connection, Change("mlops_1", "config", at, "w"))
    finally:
        asking.reset(reset)
    with state.write() as connection:
        record(connection, Change("ann", "rollback", at, "w"))
        later, first = last_changes(connection, "w")
    assert (first.role, first.route, first.request_id) == ("operator", "/config", "r1")
    assert (later.role, later.route, later.request_id) == (None, None, None)


def test_without_a_use_case_every_change_is_found(state, at):
    with state.write() as connection:
        record(connection, Change("ann", "create_key", at))
        record(connection, Change("ann", "config", at, "w"))
        assert [change.action for change in last_changes(connection, None)] == ["config", "create_key"]
