import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import files

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from resources.state.database import State, metadata
from resources.state.feedback import feedback_events
from resources.state.labels import count_labels, labelled_pairs, labels
from resources.state.migrate import LINE, MigrationError, migrate

OLD_ROWS = """
INSERT INTO predictions (prediction_id, use_case, unit_id, arm, champion_version, challenger_version, champion_value,
    challenger_value, answered, features, phase, at, degraded)
VALUES ('p1', 'wine', 'u', 'A', 1, 2, '5', '6', '5', '{}', 1, '2026-03-01T12:00:00+00:00', false),
    ('p2', 'wine', 'u', 'B', 1, NULL, '5', NULL, '5', '{}', 1, '2026-03-01T12:00:00+00:00', true),
    ('p3', 'wine', 'u', 'A', 1, 2, '5', '6', '5', '{}', 1, '2026-03-01T12:00:00+00:00', false);
INSERT INTO feedback_events (prediction_id, source, event_time, truth_key, truth, received_at, seen)
VALUES ('p1', 'client', '2026-03-01T13:00:00+00:00', '6', '6', '2026-03-01T13:00:00+00:00', 3),
    ('p1', 'audit', '2026-03-01T14:00:00+00:00', '7', '7', '2026-03-01T15:00:00+00:00', 1),
    ('p1', 'audit', '2026-03-01T13:30:00+00:00', '7', '7', '2026-03-01T15:00:00+00:00', 1),
    ('p2', 'client', '2026-03-01T13:00:00+00:00', '"red"', '"red"', '2026-03-01T13:00:00+00:00', 1);
INSERT INTO feedback (prediction_id, source, use_case, truth, truth_key, event_time, received_at, corrections,
    duplicates)
VALUES ('p2', 'client', 'wine', '"red"', '"red"', '2026-03-01T13:00:00+00:00', '2026-03-01T13:00:00+00:00', 0, 0),
    ('p1', 'client', 'wine', '6', '6', '2026-03-01T13:00:00+00:00', '2026-03-01T13:00:00+00:00', 0, 2),
    ('p1', 'audit', 'wine', '7', '7', '2026-03-01T14:00:00+00:00', '2026-03-01T15:00:00+00:00', 1, 0)
"""


def rows_of(state: State, query: str) -> list[tuple]:
    with state.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


@pytest.fixture
def url(tmp_path) -> str:
    return f"sqlite:///{tmp_path / 'state.db'}"


@pytest.fixture
def old(state):
    """A database as the first release left it, with the labels of two sources."""
    metadata.drop_all(state.engine)
    first_release(state.url)
    with state.write() as connection:
        for statement in OLD_ROWS.split(";"):
            connection.exec_driver_sql(statement)
    return state


def config_of(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("resources.state") / "migrations"))
    config.attributes["url"] = url
    return config


def first_release(url: str) -> None:
    """Make a database as version 0.1 did."""
    command.upgrade(config_of(url), "0001")


@contextmanager
def cut_short(before: str) -> Iterator[None]:
    """Whoever sends a statement that begins so is stopped, as by Ctrl-C."""

    def stop(connection, cursor, statement, *_):
        if statement.startswith(before):
            raise KeyboardInterrupt

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", stop)
    try:
        with pytest.raises(KeyboardInterrupt):
            yield
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", stop)


def test_an_empty_address_gets_every_table_of_today_once(url):
    assert migrate(url) is True
    found = sa.inspect(sa.create_engine(url)).get_table_names()
    assert set(found) == {*metadata.tables, "alembic_version"}
    assert migrate(url) is False


def test_the_migrations_make_the_columns_that_the_code_declares(url):
    migrate(url)
    inspector = sa.inspect(sa.create_engine(url))
    for name, table in metadata.tables.items():
        assert {column["name"] for column in inspector.get_columns(name)} == set(table.columns.keys()), name


def test_the_migrations_make_the_indexes_that_the_code_declares(url):
    migrate(url)
    inspector = sa.inspect(sa.create_engine(url))
    for name, table in metadata.tables.items():
        assert {one["name"] for one in inspector.get_indexes(name)} == {one.name for one in table.indexes}, name


def test_the_counters_of_traffic_start_from_the_rows_that_are_there(url, tmp_path):
    first_release(url)
    row = "INSERT INTO predictions (prediction_id, use_case, unit_id, arm, champion_version, challenger_version, "
    row += "answered, features, phase, at, degraded) VALUES (?, 'w', 'u', ?, 1, ?, '5', '{}', ?, ?, ?)"
    rows = [
        ("a", "A", 2, 1, "t1", 0),
        ("b", "A", 2, 1, "t2", 1),
        ("c", "B", 2, 1, "t3", 0),
        ("d", "A", None, 2, "t4", 0),
    ]
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection, connection:
        connection.executemany(row, rows)
    migrate(url)
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection:
        found = connection.execute("SELECT * FROM traffic ORDER BY first_at").fetchall()
    assert found == [
        ("w", 1, 2, 1, "A", 2, 1, 0, "t1", "t2", 2),
        ("w", 1, 2, 1, "B", 1, 0, 0, "t3", "t3", 1),
        ("w", 1, 0, 2, "A", 1, 0, 0, "t4", "t4", 1),
    ]


def test_the_labels_of_the_first_release_are_kept_folded_over_their_sources(old):
    migrate(old.url)
    with old.read() as connection:
        columns = ("prediction_id", "champion_version", "challenger_version", "arm", "truth", "source")
        found = connection.execute(sa.select(*(labels.c[name] for name in columns)).order_by(labels.c.id)).all()
        assert found == [("p2", 1, None, "B", "red", "client"), ("p1", 1, 2, "A", 7, "audit")]
        counts = sa.select(labels.c.corrections, labels.c.duplicates, labels.c.expired).filter_by(prediction_id="p1")
        assert connection.execute(counts).one() == (1, 2, False)
        assert labelled_pairs(connection, "wine", 1, 2) == [(5, 6, 7)]
        assert count_labels(connection, "wine", 1, 2) == {"A": 1, "B": 0}
        assert count_labels(connection, "wine", 1, None) == {"A": 0, "B": 1}
        timed = sa.select(feedback_events.c.source, feedback_events.c.timed).filter_by(prediction_id="p1")
        assert set(connection.execute(timed)) == {("client", False), ("audit", True)}
    assert "feedback" not in sa.inspect(old.engine).get_table_names()


def test_the_first_release_gets_its_labels_back_on_the_way_down(old):
    query = "SELECT prediction_id, source, truth_key, corrections, duplicates FROM feedback ORDER BY 1, 2"
    before = rows_of(old, query)
    migrate(old.url)
    command.downgrade(config_of(old.url), "0001")
    assert rows_of(old, query) == before
    migrate(old.url)
    assert rows_of(old, "SELECT count(*) FROM labels") == [(2,)]


def test_nothing_is_copied_before_the_first_revision(url, tmp_path):
    migrate(url)
    assert [path.name for path in tmp_path.glob("*.before-*")] == []


def test_a_migration_that_was_cut_short_changed_nothing_and_runs_again(state):
    metadata.drop_all(state.engine)
    first_release(state.url)
    before = set(sa.inspect(state.engine).get_table_names())
    with cut_short("UPDATE traffic SET units"):
        migrate(state.url)
    assert set(sa.inspect(state.engine).get_table_names()) == before
    assert migrate(state.url) is True
    assert set(sa.inspect(state.engine).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_the_copy_holds_what_another_process_has_just_committed(url, tmp_path):
    first_release(url)
    with closing(sqlite3.connect(tmp_path / "state.db")) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("CREATE TABLE noted (what TEXT)")
        other.execute("INSERT INTO noted VALUES ('only in the write-ahead log')")
        other.commit()
        migrate(url)
    with closing(sqlite3.connect(tmp_path / "state.before-0001.db")) as copy:
        assert copy.execute("SELECT what FROM noted").fetchall() == [("only in the write-ahead log",)]


def test_of_two_that_start_at_once_on_postgresql_one_migrates_and_the_other_waits(state):
    if state.engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets one write at a time anyway")
    metadata.drop_all(state.engine)
    second = threading.Thread(target=migrate, args=(state.url,))
    waits = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :line AND NOT granted")
    with state.write() as first, state.read() as looking:
        first.execute(sa.select(sa.func.pg_advisory_xact_lock(LINE)))
        second.start()
        while second.is_alive() and not looking.execute(waits, {"line": LINE}).scalar():
            second.join(0.02)
        assert second.is_alive()
    second.join(300)
    assert "units" in sa.inspect(state.engine).get_table_names()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(url, tmp_path):
    migrate(url)
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(MigrationError, match="schema '9999' is newer than this version knows; install the version"):
        migrate(url)


def test_a_database_that_cannot_be_opened_is_told_without_its_password():
    with pytest.raises(MigrationError, match="cannot be opened") as refused:
        migrate("postgresql+psycopg://me:hunter2@127.0.0.1:1/state")
    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("url", ["nonsense://me:hunter2@db/state", "me:hunter2"])
def test_an_address_of_no_database_is_told_without_its_password(url):
    with pytest.raises(MigrationError, match="cannot be opened") as refused:
        migrate(url)
    assert "hunter2" not in str(refused.value)
