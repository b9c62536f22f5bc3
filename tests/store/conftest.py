"""Databases for the store's tests: SQLite always, PostgreSQL where Debian's package is installed."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from phonegrade.store.append_only import create_tables
from phonegrade.store.engines import Database, open_database

POSTGRESQL = Path("/usr/lib/postgresql")
MISSING = "PostgreSQL is not installed here: apt-get install postgresql (Debian) runs these tests on it too"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a fresh PostgreSQL server, without its database; started as another user, as it refuses root."""
    versions = sorted(POSTGRESQL.glob("*/bin/initdb"))
    if not versions:
        pytest.skip(MISSING)
    tools = versions[-1].parent
    folder = Path("/tmp") / f"pg-{uuid4().hex[:12]}"  # noqa: S108  sockets have short paths, and the other user must get in
    folder.mkdir(mode=0o700)
    become = []
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
        become = ["runuser", "-u", "nobody", "--"]
    port = _free_port()

    def run(*command: str) -> None:
        subprocess.run([*become, *command], check=True, capture_output=True, cwd="/")  # noqa: S603

    data = str(folder / "data")
    settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200 -c fsync=off"
    run(str(tools / "initdb"), "-D", data, "-A", "trust", "-U", "pg", "-E", "UTF8", "--locale=C")
    run(str(tools / "pg_ctl"), "-D", data, "-o", settings, "-l", str(folder / "log"), "-w", "start")
    yield f"postgresql://pg@127.0.0.1:{port}"
    run(str(tools / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes databases without tables, and returns the URL or folder of each."""
    if request.param == "sqlite":
        return lambda: str(tmp_path / uuid4().hex)
    server = request.getfixturevalue("postgresql_server")

    def create() -> str:
        name = f"t{uuid4().hex}"
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"{server}/{name}"

    return create


@pytest.fixture
def empty(new_url: Callable[[], str]) -> Iterator[Database]:
    """A database without tables."""
    opened = open_database(new_url())
    yield opened
    opened.close()


@pytest.fixture
def database(new_url: Callable[[], str]) -> Iterator[Database]:
    """A database with every table."""
    opened = open_database(new_url())
    with opened.write() as connection:
        create_tables(connection)
    yield opened
    opened.close()
