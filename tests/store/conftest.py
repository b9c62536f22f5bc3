"""Databases for the store's tests: SQLite always, PostgreSQL where Debian's package is installed."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from phonegrade.store.append_only import create_tables
from phonegrade.store.columns import METADATA
from phonegrade.store.engines import SQLITE_FILE, Database, open_database
from phonegrade.tests.store.postgresql import MISSING, initdb, running_postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a fresh PostgreSQL server, without its database; the kills of the tests are of clients, not of it."""
    tool = initdb()
    if tool is None:
        pytest.skip(MISSING)
    with running_postgresql(tool, fsync=False) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with every table."""
    folder = tmp_path_factory.mktemp("template")
    _make_tables(str(folder))
    return folder / SQLITE_FILE


@pytest.fixture(scope="session")
def postgresql_tables(postgresql_server: str) -> str:
    """URL of a database with every table: one for all tests, as a hundred of them would fill a gigabyte."""
    _create(postgresql_server, "every_table")
    _make_tables(f"{postgresql_server}/every_table")
    return f"{postgresql_server}/every_table"


def _make_empty(url: str) -> None:
    ours = set(METADATA.tables)
    with psycopg.connect(url, autocommit=True) as connection:
        names = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        for name in set(names) - ours:
            connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
        check = sql.SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})")
        parts = [check.format(sql.Literal(name), sql.Identifier(name)) for name in ours]
        used = [sql.Identifier(row[0]) for row in connection.execute(sql.SQL(" UNION ALL ").join(parts))]
        if used:
            connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(used)))


def _make_tables(url: str) -> None:
    opened = open_database(url)
    with opened.write() as connection:
        create_tables(connection)
    opened.close()


def _create(server: str, name: str) -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database."""
    return str(request.param)


@pytest.fixture
def empty(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables."""
    url = str(tmp_path / "empty")
    if kind == "postgresql":
        server, name = request.getfixturevalue("postgresql_server"), f"t{uuid4().hex}"
        _create(server, name)
        url = f"{server}/{name}"
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.fixture
def database(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with every table: a copy of one that was made once."""
    url = str(tmp_path / "data")
    if kind == "sqlite":
        (tmp_path / "data").mkdir()
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "data" / SQLITE_FILE)
    else:
        url = request.getfixturevalue("postgresql_tables")
        _make_empty(url)
    opened = open_database(url)
    yield opened
    opened.close()
