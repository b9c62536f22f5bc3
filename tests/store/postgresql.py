"""Starts a PostgreSQL server of Debian's package as one starts a program: no service, no root, gone afterwards."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

POSTGRESQL = Path("/usr/lib/postgresql")
MISSING = "PostgreSQL is not installed here: apt-get install postgresql (Debian) runs these tests on it too"


def initdb() -> Path | None:
    """The newest installed server's first tool; None where there is no server."""
    return max(POSTGRESQL.glob("*/bin/initdb"), default=None)


@contextmanager
def running_postgresql(tool: Path, *, fsync: bool) -> Iterator[str]:
    """URL of a fresh server, without a database's name; as another user, as it refuses root."""
    memory = Path("/dev/shm")  # noqa: S108  where nothing need survive, deleting a gigabyte of small files takes no time
    place = memory if not fsync and os.access(memory, os.W_OK) else Path("/tmp")  # noqa: S108  sockets have short paths
    folder = place / f"pg-{uuid4().hex[:12]}"
    folder.mkdir(mode=0o700)
    become = []
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
        become = ["runuser", "-u", "nobody", "--"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])

    def run(name: str, *arguments: str) -> None:
        command = [*become, str(tool.with_name(name)), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd="/")  # noqa: S603

    settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
    run("initdb", "-A", "trust", "-U", "pg", "-E", "UTF8", "--locale=C")
    run("pg_ctl", "-o", settings if fsync else f"{settings} -c fsync=off", "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql://pg@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)
