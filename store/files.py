"""Files that several cases may share: one is deleted only when nothing needs it, and never while it is being sent.

Whoever adds a fact that names a file, and whoever deletes one, hold that file until their transaction ends. The sender
comes first: nothing is deleted. The deleter comes first: the sender finds the file gone, and stores it again.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, delete, select, text

from phonegrade.journeys.device_facts import ErasureCertificate
from phonegrade.journeys.evidence_facts import StoredPhoto
from phonegrade.store.blobs import Blobs
from phonegrade.store.engines import Database, insert_if_absent
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.state_tables import FILE_DELETIONS
from phonegrade.store.tables import CASES, PHONES

_PHOTOS, _CERTIFICATES = BY_MODEL[StoredPhoto].table, BY_MODEL[ErasureCertificate].table


def hold_file(connection: Connection, blobs: Blobs, tenant: str, sha256: str, put: Callable[[], object]) -> None:
    """Keep a file until the transaction that names it ends; `put` stores it again where it was just deleted."""
    _lock(connection, tenant, sha256)
    if not blobs.has(tenant, sha256):
        put()


def ask_to_delete(connection: Connection, tenant: str, hashes: Iterable[str], now: datetime) -> None:
    """Note files that are to be deleted once the transaction has ended."""
    for sha256 in hashes:
        insert_if_absent(connection, FILE_DELETIONS, {"tenant": tenant, "sha256": sha256, "at": now})


def delete_files(database: Database, blobs: Blobs, tenant: str | None = None) -> list[tuple[str, str]]:
    """Delete every file that is noted and that nothing needs any more, and return which were deleted."""
    wanted = select(FILE_DELETIONS.c.tenant, FILE_DELETIONS.c.sha256)
    if tenant is not None:
        wanted = wanted.where(FILE_DELETIONS.c.tenant == tenant)
    with database.read() as connection:
        noted = [(of, sha256) for of, sha256 in connection.execute(wanted)]
    deleted = []
    for of, sha256 in noted:
        with database.write() as connection:
            _lock(connection, of, sha256)
            if not is_needed(connection, of, sha256):
                blobs.delete(of, sha256)
                deleted.append((of, sha256))
            own = and_(FILE_DELETIONS.c.tenant == of, FILE_DELETIONS.c.sha256 == sha256)
            connection.execute(delete(FILE_DELETIONS).where(own))
    return deleted


def is_needed(connection: Connection, tenant: str, sha256: str) -> bool:
    """Return whether a case that is remembered has a file as its photo, or a phone as its certificate's document."""
    of_case = and_(CASES.c.tenant == _PHOTOS.c.tenant, CASES.c.id == _PHOTOS.c.case_id)
    photo = select(_PHOTOS.c.id).join(CASES, of_case).where(CASES.c.forgotten_at.is_(None))
    of_phone = and_(PHONES.c.tenant == _CERTIFICATES.c.tenant, PHONES.c.id == _CERTIFICATES.c.asset_id)
    document = select(_CERTIFICATES.c.id).join(PHONES, of_phone).where(PHONES.c.forgotten_at.is_(None))
    wanted = (
        photo.where(_PHOTOS.c.tenant == tenant, _PHOTOS.c.sha256 == sha256),
        document.where(_CERTIFICATES.c.tenant == tenant, _CERTIFICATES.c.document == sha256),
    )
    return any(connection.execute(one.limit(1)).scalar() is not None for one in wanted)


def _lock(connection: Connection, tenant: str, sha256: str) -> None:
    """Keep others from a file; on SQLite one writer at a time does so anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:file, 0))"), {"file": f"{tenant}/{sha256}"}
        )
