"""A copy of the store while others go on working: the database first, then every file that it may name."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from phonegrade.core.data_errors import DataError, NotFoundError
from phonegrade.core.errors import SetupError, UsageError
from phonegrade.store.blobs import open_blobs
from phonegrade.store.engines import SQLITE_FILE, Database
from phonegrade.store.store import Store

DUMP_FILE = "phonegrade.pgdump"
"""Of PostgreSQL: `pg_restore` reads it."""
_DEBIAN = Path("/usr/lib/postgresql")


def backup(store: Store, target: Path) -> int:
    """Copy database and files into the new folder `target`, and return how many files.

    The database comes first: every photo that it knows is then still there to be copied. The key is not copied: kept
    beside what it opens, it would protect nothing. Raises UsageError where `target` is not empty, SetupError where
    PostgreSQL's pg_dump is not installed, DataError where it fails or a file is damaged.
    """
    if target.exists() and any(target.iterdir()):
        raise UsageError(f"{target} is not empty; name a new folder for each backup")
    dump = None if store.database.is_sqlite else pg_dump()
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    if dump is None:
        _copy_sqlite(store.database, target / SQLITE_FILE)
    else:
        _dump_postgresql(dump, store.database, target / DUMP_FILE)
    copies = open_blobs(f"file://{target.resolve() / 'blobs'}")
    count = 0
    for tenant, sha256 in store.blobs.names():
        try:
            data = store.blobs.get(tenant, sha256)
        except NotFoundError:  # forgotten meanwhile
            continue
        if copies.put(tenant, data) != sha256:
            raise DataError(f"file {sha256} of {tenant} is damaged: the backup is not whole")
        count += 1
    return count


def pg_dump() -> str:
    """Return PostgreSQL's own tool: that on the path, else Debian's newest. Raises SetupError without any."""
    tool = shutil.which("pg_dump") or max(map(str, _DEBIAN.glob("*/bin/pg_dump")), default=None)
    if tool is None:
        raise SetupError(
            "a backup of PostgreSQL needs its pg_dump, no older than the server: "
            "apt-get install postgresql-client (Debian)"
        )
    return tool


def _copy_sqlite(database: Database, target: Path) -> None:
    with closing(sqlite3.connect(f"file:{database.url.database}?mode=ro", uri=True)) as source:
        target.touch(0o600)
        with closing(sqlite3.connect(target)) as copy:
            source.backup(copy)


def _dump_postgresql(tool: str, database: Database, target: Path) -> None:
    """Let pg_dump write one state of the database; the password goes by the environment, where `ps` shows nothing."""
    url = database.url.set(drivername="postgresql")
    password = {} if url.password is None else {"PGPASSWORD": str(url.password)}
    target.touch(0o600)
    where = url.set(password=None).render_as_string(hide_password=False)
    command = [tool, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}", f"--dbname={where}"]
    done = subprocess.run(command, env={**os.environ, **password}, capture_output=True, check=False)  # noqa: S603
    if done.returncode != 0:
        target.unlink()
        words = done.stderr.decode(errors="replace").strip().splitlines()
        raise DataError(f"pg_dump failed: {words[-1] if words else f'exit status {done.returncode}'}")
