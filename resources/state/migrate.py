"""The state database at its newest revision, by Alembic, with a copy of a SQLite file made before it changes."""

import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

LINE = 7_320_011  # of the advisory lock, any number that nobody else takes


class MigrationError(RuntimeError):
    """A state database that this version cannot bring up to date, with what to do."""


def migrate(url: str) -> bool:
    """True when the database had to change.

    Raises
    ------
    MigrationError
        If the database cannot be opened, or was written by a newer version of this project.
    """
    config = Config()
    config.set_main_option("script_location", str(files("resources.state") / "migrations"))
    config.attributes["url"] = url
    scripts = ScriptDirectory.from_config(config)
    revision = _revision(url)
    if revision == scripts.get_current_head():
        return False
    if revision is not None and revision not in {script.revision for script in scripts.walk_revisions()}:
        raise MigrationError(
            f"{_shown(url)}: its schema {revision!r} is newer than this version knows; "
            "install the version that wrote it"
        )
    _copy_sqlite(url, revision)
    command.upgrade(config, "head")
    return True


def _revision(url: str) -> str | None:
    try:
        engine = sa.create_engine(url)
        try:
            with engine.connect() as connection:
                return MigrationContext.configure(connection).get_current_revision()
        finally:
            engine.dispose()
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split())
        raise MigrationError(f"state database {_shown(url)} cannot be opened: {reason}") from error


def _shown(url: str) -> str:
    """The address without its password."""
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        return "of MLOPS_STATE_URL, which is no SQLAlchemy address,"


def _copy_sqlite(url: str, revision: str | None) -> None:
    """Keep the database as it was at `revision`, write-ahead log included; there is nothing before the first one."""
    address = sa.make_url(url)
    if revision is None or address.get_backend_name() != "sqlite" or not address.database:
        return
    path = Path(address.database)
    kept = path.with_suffix(f".before-{revision}.db")
    with closing(sqlite3.connect(path)) as found, closing(sqlite3.connect(kept)) as copy:
        found.backup(copy)
