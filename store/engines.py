"""The databases: SQLite in a folder by default, PostgreSQL by URL; one engine of each writes and another only reads.

SQLite through its Python driver loses updates by default, as a transaction begins without a lock: here whoever writes
takes the lock at once (`BEGIN IMMEDIATE`), and whoever only reads has a snapshot of its own. On PostgreSQL, rows that
are read in order to be changed are locked (`with_for_update`, which SQLite does without).
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from phonegrade.core.data_errors import DataError, FactConflictError
from phonegrade.core.errors import BusyError, UsageError
from phonegrade.core.extras import needs_extra

with needs_extra("platform", "with --data"):
    from sqlalchemy import Connection, Engine, Table, create_engine, event
    from sqlalchemy.dialects import postgresql, sqlite
    from sqlalchemy.engine import URL, make_url
    from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError
    from sqlalchemy.exc import TimeoutError as PoolTimeoutError

SQLITE_FILE = "phonegrade.sqlite"
BUSY_TIMEOUT_S = 30
READERS = 16
"""Connections that a process keeps open for reading, and on PostgreSQL for writing too."""
WAIT_S = 2
"""When a client whose request met a busy database may come again."""


ChangedCases = dict[tuple[str, str], datetime]
"""Cases that a transaction has changed, by (tenant, id), and when by the writer's clock."""
_CHANGED = "phonegrade.changed_cases"


def changed_cases(connection: Connection) -> ChangedCases:
    """Return the cases that the connection's transaction has changed so far, to add to."""
    changed: ChangedCases = connection.info.setdefault(_CHANGED, {})
    return changed


@dataclass(frozen=True)
class Database:
    """One database; a body under `write` is one transaction, which is kept whole or not at all."""

    url: URL
    writer: Engine
    reader: Engine
    settle: Callable[[Connection, ChangedCases], None] | None = None
    """Called before a transaction ends that has changed cases; see `store/standings.py`."""

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file on this machine."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection in a transaction that may change rows.

        Raises BusyError where the database is not free, FactConflictError for what a constraint does not allow, and
        DataError for what it cannot do; their texts hold no stored value.

        Do not nest: on SQLite a process has one such transaction at a time.
        """
        with _translated(), self.writer.begin() as connection:
            changed_cases(connection).clear()  # what the connection's last user left
            yield connection
            if self.settle is not None:
                self.settle(connection, dict(changed_cases(connection)))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the database throughout, and can change nothing."""
        with _translated(), self.reader.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Give back every connection."""
        self.writer.dispose()
        self.reader.dispose()


def open_database(data: str) -> Database:
    """Return the database of `data`: a folder, `sqlite:///FILE` or `postgresql://...`.

    A folder is made where it is missing. Raises UsageError for any other database, SetupError where the driver is not
    installed.
    """
    url = database_url(data)
    match url.get_backend_name():
        case "sqlite":
            return _sqlite(url)
        case "postgresql":
            return _postgresql(url)
        case other:
            raise UsageError(f"--data is a folder or a postgresql:// URL; phonegrade does not store in {other}")


def database_url(data: str) -> URL:
    """Return the URL that `data` stands for. Raises UsageError for one that cannot be read."""
    if "://" not in data:
        return URL.create("sqlite", database=str(Path(data) / SQLITE_FILE))
    try:
        return make_url(data)
    except (ArgumentError, ValueError) as error:
        # not with the text: it may hold a password
        raise UsageError("--data cannot be read as a URL; write postgresql://USER@HOST/NAME, or a folder") from error


def _sqlite(url: URL) -> Database:
    if not url.database or url.database == ":memory:":
        raise UsageError("--data needs a folder: a database in memory loses every case")
    file = Path(url.database)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)
    url = url.set(drivername="sqlite+pysqlite")
    # one writer a process: the others wait in the pool's queue and not in SQLite's sleep, which is not fair
    writer = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=BUSY_TIMEOUT_S, hide_parameters=True)
    reader = create_engine(url, pool_size=READERS, pool_timeout=BUSY_TIMEOUT_S, hide_parameters=True)
    for engine, begin in ((writer, "BEGIN IMMEDIATE"), (reader, "BEGIN")):
        _prepare_sqlite(engine, begin)
    return Database(url, writer, reader)


def _prepare_sqlite(engine: Engine, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # the driver begins no transaction of its own
        pragmas = (
            f"busy_timeout = {BUSY_TIMEOUT_S * 1000}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
        )
        for pragma in pragmas if begin != "BEGIN" else (*pragmas, "query_only = ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _postgresql(url: URL) -> Database:
    with needs_extra("postgres", "with a postgresql:// URL"):
        import psycopg  # noqa: F401  what SQLAlchemy would miss only later
    url = url.set(drivername="postgresql+psycopg")
    # the driver is asked for UTC whatever the server's own zone is; see columns.Utc
    settings = {"options": "-c timezone=UTC", "connect_timeout": BUSY_TIMEOUT_S}
    writer = create_engine(
        url,
        pool_size=READERS,
        pool_pre_ping=True,
        pool_timeout=BUSY_TIMEOUT_S,
        connect_args=settings,
        hide_parameters=True,
    )
    reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database(url, writer, reader)


def insert_if_absent(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert `row` unless a row with one of its unique values is there; return whether it was inserted."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**row).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return connection.execute(statement).first() is not None  # PostgreSQL's driver counts no inserted rows


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the databases' errors into ours: theirs may hold whole rows, which must reach no log and no answer."""
    try:
        yield
    except (OperationalError, PoolTimeoutError):
        busy = BusyError("the database is busy or cannot be reached; send it again in a moment")
        busy.retry_after_s = WAIT_S
        raise busy from None
    except IntegrityError as error:
        raise FactConflictError(f"it cannot stand beside what is stored: {_constraint(error)}") from None
    except DBAPIError as error:
        raise DataError(f"the database refused a statement ({type(error.orig).__name__}); see its own log") from None


def _constraint(error: IntegrityError) -> str:
    """Return the name of what was violated; SQLite's own message names columns and never values."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is None:
        return str(error.orig)
    return str(diagnosis.constraint_name or diagnosis.message_primary)
