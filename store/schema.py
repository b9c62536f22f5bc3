"""The schema of a database: made, brought up to date, and compared with what this version needs."""

from pathlib import Path

from sqlalchemy import Connection, inspect

from phonegrade.core.data_errors import DataError
from phonegrade.core.extras import needs_extra
from phonegrade.store.engines import Database

with needs_extra("platform", "with --data"):
    from alembic import command
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x7067736368
"""Held on PostgreSQL while the schema changes, so that two machines that start together do not both change it."""


def newest_revision() -> str:
    """Return the revision that this version of phonegrade needs."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if head is None:
        raise DataError(f"{MIGRATIONS} holds no migrations: this installation is not whole")
    return head


def revision_of(connection: Connection) -> str | None:
    """Return the revision that a database is at; None for one that has no tables of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, revision: str = "head") -> tuple[str | None, str | None]:
    """Bring a database up to date, all or nothing, and return the revisions before and after."""
    with database.write() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        before = revision_of(connection)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        return before, revision_of(connection)


def check_schema(database: Database) -> None:
    """Raise DataError, with the remedy, unless the database is as this version needs it."""
    newest = newest_revision()
    with database.read() as connection:
        revision = revision_of(connection)
    if revision == newest:
        return
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if revision is not None and revision not in known:
        raise DataError(f"the database is at {revision}, which a newer phonegrade made; install that version")
    raise DataError(f"the database is at {revision or 'nothing'} and not at {newest}: run `phonegrade data upgrade`")


def is_empty(database: Database) -> bool:
    """Return whether a database has no table at all."""
    with database.read() as connection:
        return not inspect(connection).get_table_names()
