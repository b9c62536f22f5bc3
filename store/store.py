"""The common data layer as one thing: a database, the files beside it, and the key to its secrets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from phonegrade.core.errors import UsageError
from phonegrade.store.blobs import Blobs, open_blobs
from phonegrade.store.engines import Database, database_url, open_database
from phonegrade.store.schema import check_schema, is_empty, upgrade
from phonegrade.store.vault import KEY_FILE, KEY_VARIABLE, Vault, open_vault


@dataclass(frozen=True)
class Store:
    """Where cases are kept."""

    database: Database
    blobs: Blobs
    vault: Vault


@contextmanager
def open_store(data: str, blobs: str | None = None, key_file: Path | None = None) -> Iterator[Store]:
    """Yield the store of `--data`, a folder or a URL; a new one is made, an old one must have been upgraded.

    Files lie in the folder too, unless `blobs` names another place (see `open_blobs`), and so does the key unless it
    stands in the environment or in `key_file`. With PostgreSQL both have to be named. Raises UsageError, DataError.
    """
    database = open_database(data)
    try:
        folder = folder_of(data)
        if blobs is None and folder is None:
            raise UsageError("with a postgresql:// URL, --blobs says where photos lie: file:///FOLDER or s3://BUCKET")
        place = blobs or f"file://{(folder or Path()).resolve() / 'blobs'}"
        fresh = is_empty(database)
        vault = open_vault(key_place(data, key_file), make=fresh and (folder is not None or key_file is not None))
        if fresh:
            upgrade(database)
        check_schema(database)
        yield Store(database, open_blobs(place), vault)
    finally:
        database.close()


def key_place(data: str, key_file: Path | None) -> Path:
    """Return where the key is, unless it stands in the environment."""
    folder = folder_of(data)
    if folder is None and key_file is None:
        return Path(KEY_VARIABLE)  # what the message names where the variable is not set
    return key_file or (folder or Path()) / KEY_FILE


def folder_of(data: str) -> Path | None:
    """Return the folder of a SQLite database; None for PostgreSQL."""
    url = database_url(data)
    return Path(url.database or "").parent if url.get_backend_name() == "sqlite" else None
