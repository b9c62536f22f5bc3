"""Looking after the store: is it whole, and a copy of it."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Select, func, select

from phonegrade.core.data_errors import DataError, NotFoundError
from phonegrade.core.errors import UsageError
from phonegrade.journeys.evidence_facts import AssessmentRevision, StoredPhoto
from phonegrade.store.blobs import Blobs, open_blobs
from phonegrade.store.deliveries import backlog
from phonegrade.store.engines import SQLITE_FILE, Database
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.jobs import queue_depth
from phonegrade.store.store import Store
from phonegrade.store.tables import ASSESSMENTS, CASES, DATA_KEYS
from phonegrade.store.work_tables import SUBSCRIPTIONS

_PHOTOS, _REVISIONS = BY_MODEL[StoredPhoto].table, BY_MODEL[AssessmentRevision].table


def problems(store: Store, *, read_files: bool = False) -> Iterator[str]:
    """Yield what is not as it should be, a sentence each; `read_files` compares every file with its name too."""
    with store.database.read() as connection:
        yield from _database_problems(connection)
        yield from _key_problems(connection, store)
        photos = set(connection.execute(_live_photos()).all())
        yield from _record_problems(connection)
        yield from _work_problems(connection)
    stored = set(store.blobs.names())
    for tenant, sha256 in sorted({(tenant, sha256) for tenant, sha256 in photos} - stored):
        yield f"photo {sha256} of {tenant} is missing: put it back from a backup"
    if read_files:
        for tenant, sha256 in sorted(stored):
            if not _is_whole(store.blobs, tenant, sha256):
                yield f"file {sha256} of {tenant} is damaged: put it back from a backup"


def summary(store: Store) -> dict[str, int]:
    """Return how much there is of what."""
    with store.database.read() as connection:
        jobs, deliveries = queue_depth(connection), backlog(connection)
        cases = int(connection.execute(select(func.count()).select_from(CASES)).scalar_one())
        photos = int(connection.execute(select(func.count()).select_from(_PHOTOS)).scalar_one())
    waiting = {"jobs waiting": jobs["waiting"] + jobs["running"], "webhooks waiting": deliveries["waiting"]}
    return {"cases": cases, "photos": photos, **waiting}


def backup(store: Store, target: Path) -> int:
    """Copy database and files into the new folder `target`, while others go on working; return how many files.

    The database comes first: every photo that it knows is then still there to be copied. The key is not copied: kept
    beside what it opens, it would protect nothing. Raises UsageError for PostgreSQL, and where `target` is not empty.
    """
    if not store.database.is_sqlite:
        raise UsageError("PostgreSQL has its own tools: pg_dump for the database, and the bucket's for the files")
    if target.exists() and any(target.iterdir()):
        raise UsageError(f"{target} is not empty; name a new folder for each backup")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    _copy_database(store.database, target / SQLITE_FILE)
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


def _copy_database(database: Database, target: Path) -> None:
    with closing(sqlite3.connect(f"file:{database.url.database}?mode=ro", uri=True)) as source:
        target.touch(0o600)
        with closing(sqlite3.connect(target)) as copy:
            source.backup(copy)


def _database_problems(connection: Connection) -> Iterator[str]:
    if connection.dialect.name != "sqlite":
        return
    for pragma in ("integrity_check", "foreign_key_check"):
        for row in connection.exec_driver_sql(f"PRAGMA {pragma}"):
            if row[0] != "ok":
                yield f"the database is damaged ({pragma}: {row[0]}): put it back from a backup"


def _key_problems(connection: Connection, store: Store) -> Iterator[str]:
    sealed = connection.execute(select(DATA_KEYS.c.sealed).limit(1)).scalar()
    if sealed is None:
        return
    try:
        store.vault.unseal_bytes(sealed)
    except DataError:
        yield "the installation's key is not the one that this database was written with: put the old one back"


def _record_problems(connection: Connection) -> Iterator[str]:
    records = select(ASSESSMENTS.c.sha256).where(
        ASSESSMENTS.c.tenant == _REVISIONS.c.tenant, ASSESSMENTS.c.sha256 == _REVISIONS.c.record_sha256
    )
    missing = select(_REVISIONS.c.case_id, _REVISIONS.c.number).where(~records.exists())
    for case, number in connection.execute(missing.order_by(_REVISIONS.c.case_id, _REVISIONS.c.number)):
        yield f"assessment {number} of case {case} has no record"


def _work_problems(connection: Connection) -> Iterator[str]:
    failed = queue_depth(connection)["failed"]
    if failed:
        yield f"{failed} jobs have failed for good"
    disabled = select(SUBSCRIPTIONS.c.tenant, SUBSCRIPTIONS.c.id, SUBSCRIPTIONS.c.why)
    for tenant, subscription, why in connection.execute(disabled.where(SUBSCRIPTIONS.c.state == "disabled")):
        yield f"webhook {subscription} of {tenant} is disabled: {why}"


def _live_photos() -> Select[str, str]:
    both = (CASES.c.tenant == _PHOTOS.c.tenant) & (CASES.c.id == _PHOTOS.c.case_id)
    return select(_PHOTOS.c.tenant, _PHOTOS.c.sha256).join(CASES, both).where(CASES.c.forgotten_at.is_(None))


def _is_whole(blobs: Blobs, tenant: str, sha256: str) -> bool:
    try:
        return hashlib.sha256(blobs.get(tenant, sha256)).hexdigest() == sha256
    except NotFoundError:  # forgotten meanwhile
        return True
