"""Looking after the store: is it whole?"""

import hashlib
from collections.abc import Iterator

from sqlalchemy import Connection, Select, func, select

from phonegrade.core.data_errors import NotFoundError
from phonegrade.journeys.evidence_facts import AssessmentRevision, StoredPhoto
from phonegrade.store.blobs import Blobs
from phonegrade.store.deliveries import backlog
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.jobs import queue_depth
from phonegrade.store.rotate import unopened
from phonegrade.store.standing_counts import miscounted
from phonegrade.store.state_tables import FILE_DELETIONS
from phonegrade.store.store import Store
from phonegrade.store.tables import ASSESSMENTS, CASES
from phonegrade.store.work_tables import SUBSCRIPTIONS

_PHOTOS, _REVISIONS = BY_MODEL[StoredPhoto].table, BY_MODEL[AssessmentRevision].table


def problems(store: Store, *, read_files: bool = False) -> Iterator[str]:
    """Yield what is not as it should be, a sentence each; `read_files` compares every file with its name too."""
    with store.database.read() as connection:
        yield from _database_problems(connection)
        yield from _key_problems(connection, store)
        photos = set(connection.execute(_live_photos()).all())
        yield from _record_problems(connection)
        yield from _derived_problems(connection)
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


def _database_problems(connection: Connection) -> Iterator[str]:
    if connection.dialect.name != "sqlite":
        return
    for pragma in ("integrity_check", "foreign_key_check"):
        for row in connection.exec_driver_sql(f"PRAGMA {pragma}"):
            if row[0] != "ok":
                yield f"the database is damaged ({pragma}: {row[0]}): put it back from a backup"


def _key_problems(connection: Connection, store: Store) -> Iterator[str]:
    if unopened(connection, store.vault):
        yield "the installation's key is not the one that this database was written with: put the old one back"
    if store.vault.is_rotating:
        yield "a rotation of the key has not ended: run `phonegrade data rotate-key` again"


def _derived_problems(connection: Connection) -> Iterator[str]:
    wrong = miscounted(connection)
    if wrong:
        yield f"{wrong} figures differ from the cases that they count: somebody has changed the database by hand"
    waiting = int(connection.execute(select(func.count()).select_from(FILE_DELETIONS)).scalar_one())
    if waiting:
        yield f"{waiting} files of forgotten cases are not deleted yet: a service does so hourly, `data prune` at once"


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
