from resources.state.audit import Change, last_changes, record


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
