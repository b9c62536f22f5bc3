"""Whole records beside the facts that name them: inspections and assessments; and what a sent photo became."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from phonegrade.assessment.assessment import Assessment
from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.inspection import Inspection
from phonegrade.store.blobs import StoredFile
from phonegrade.store.engines import insert_if_absent
from phonegrade.store.tables import ASSESSMENTS, INSPECTIONS, SENT_PHOTOS


def put_inspection(
    connection: Connection,
    tenant: str,
    fingerprint: str,
    record: Inspection,
    now: datetime,
    likeness: bytes | None = None,
) -> bool:
    """Store an inspection by its photo's hash and `fingerprint`, that of models, code and device; once.

    `likeness` is what the photo is compared with others by (`assessment.duplicates.Likeness`).

    Returns whether it was not there yet. Its `photo` should be a neutral name, such as the photo's id: what a person
    called the file may name somebody.
    """
    row = {
        "tenant": tenant,
        "photo_sha256": record.photo_sha256,
        "fingerprint": fingerprint,
        "at": now,
        "record": record.model_dump_json(),
        "likeness": likeness,
    }
    return insert_if_absent(connection, INSPECTIONS, row)


def get_inspection(connection: Connection, tenant: str, photo_sha256: str, fingerprint: str) -> Inspection | None:
    """Return what is known of a photo from those models; None where it was not inspected by them."""
    statement = select(INSPECTIONS.c.record).where(
        INSPECTIONS.c.tenant == tenant,
        INSPECTIONS.c.photo_sha256 == photo_sha256,
        INSPECTIONS.c.fingerprint == fingerprint,
    )
    record = connection.execute(statement).scalar_one_or_none()
    return None if record is None else Inspection.model_validate_json(record)


def get_inspections(connection: Connection, tenant: str, keys: Iterable[tuple[str, str]]) -> dict[str, Inspection]:
    """Return the inspections of several (photo hash, fingerprint), by photo hash; missing ones are left out."""
    wanted = set(keys)
    statement = select(INSPECTIONS.c.photo_sha256, INSPECTIONS.c.fingerprint, INSPECTIONS.c.record).where(
        INSPECTIONS.c.tenant == tenant, INSPECTIONS.c.photo_sha256.in_({photo for photo, _ in wanted})
    )
    return {
        photo: Inspection.model_validate_json(record)
        for photo, fingerprint, record in connection.execute(statement)
        if (photo, fingerprint) in wanted
    }


def get_likenesses(connection: Connection, tenant: str, keys: Iterable[tuple[str, str]]) -> dict[str, bytes]:
    """Return what photos are compared by, by photo hash; those of which it was not noted are left out."""
    wanted = set(keys)
    statement = select(INSPECTIONS.c.photo_sha256, INSPECTIONS.c.fingerprint, INSPECTIONS.c.likeness).where(
        INSPECTIONS.c.tenant == tenant,
        INSPECTIONS.c.photo_sha256.in_({photo for photo, _ in wanted}),
        INSPECTIONS.c.likeness.is_not(None),
    )
    rows = connection.execute(statement)
    return {photo: likeness for photo, fingerprint, likeness in rows if (photo, fingerprint) in wanted}


def put_assessment(connection: Connection, tenant: str, record: Assessment, now: datetime) -> str:
    """Store an assessment, and return the hash by which an assessment revision names it."""
    text = record.model_dump_json()
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    insert_if_absent(connection, ASSESSMENTS, {"tenant": tenant, "sha256": sha256, "at": now, "record": text})
    return sha256


def get_assessment(connection: Connection, tenant: str, sha256: str) -> Assessment:
    """Return a stored assessment. Raises NotFoundError."""
    statement = select(ASSESSMENTS.c.record).where(ASSESSMENTS.c.tenant == tenant, ASSESSMENTS.c.sha256 == sha256)
    record = connection.execute(statement).scalar_one_or_none()
    if record is None:
        raise NotFoundError(f"no assessment {sha256}")
    return Assessment.model_validate_json(record)


def note_sent(connection: Connection, tenant: str, file: StoredFile, now: datetime) -> None:
    """Keep the hash of a file as it was sent beside that of what was stored of it."""
    row = {"tenant": tenant, "sent_sha256": file.sent_sha256, "sha256": file.sha256, "at": now}
    insert_if_absent(connection, SENT_PHOTOS, row)


def stored_of(connection: Connection, tenant: str, sent_sha256: str) -> str | None:
    """Return the hash of the stored photo that a sent file became; None where it was not sent yet."""
    statement = select(SENT_PHOTOS.c.sha256).where(
        SENT_PHOTOS.c.tenant == tenant, SENT_PHOTOS.c.sent_sha256 == sent_sha256
    )
    return connection.execute(statement.limit(1)).scalar_one_or_none()
