import sqlite3
from contextlib import closing
from importlib.resources import files

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from resources.state.database import metadata
from resources.state.migrate import MigrationError, migrate


@pytest.fixture
def url(tmp_path) -> str:
    return f"sqlite:///{tmp_path / 'state.db'}"


def first_release(url: str) -> None:
    """Make a database as version 0.1 did."""
    config = Config()
    config.set_main_option("script_location", str(files("resources.state") / "migrations"))
    config.attributes["url"] = url
    command.upgrade(config, "0001")


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
        ("w", 1, 2, 1, "A", 2, 1, 0, "t1", "t2"),
        ("w", 1, 2, 1, "B", 1, 0, 0, "t3", "t3"),
        ("w", 1, 0, 2, "A", 1, 0, 0, "t4", "t4"),
    ]


def test_nothing_is_copied_before_the_first_revision(url, tmp_path):
    migrate(url)
    assert [path.name for path in tmp_path.glob("*.before-*")] == []


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
