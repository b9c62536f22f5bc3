"""Data erasure certificates: what the erasure tool writes, added to a phone, and revoked where it was wrong."""

import base64
import binascii
from typing import Annotated

from pydantic import Field

from phonegrade.core.data_errors import FactConflictError, NotFoundError
from phonegrade.core.errors import BodyTooLargeError, UsageError
from phonegrade.core.strict import Strict
from phonegrade.journeys.device_facts import ErasureCertificate, ErasureRecord
from phonegrade.journeys.erasure import erasure_of
from phonegrade.journeys.fact import FactId, JourneyReason, Text
from phonegrade.service.use_cases.acting import Acting
from phonegrade.store.blobs import Blobs
from phonegrade.store.files import hold_file

MAX_DOCUMENT_BYTES = 700_000


class ErasureDocument(Strict):
    """The tool's own PDF, XML or JSON."""

    base64: Annotated[str, Field(min_length=4, max_length=940_000)]


class ErasureUpload(ErasureRecord):
    """A certificate as it is sent."""

    identifier: Annotated[str, Field(min_length=4, max_length=80)]
    """The number that the tool read from the phone; only its keyed hash is kept."""
    document: ErasureDocument | None = None
    """Kept beside the certificate."""
    visit: FactId | None = None


class AddedErasure(Strict):
    """A certificate as it was added, and whether it counts."""

    certificate: FactId
    counts: bool
    reasons: tuple[JourneyReason, ...]
    """Why no certificate of the phone counts; empty where one does."""


class ErasureRevocation(Strict):
    """A certificate was wrong, and why."""

    why: Text
    visit: FactId | None = None


def add_erasure(acting: Acting, blobs: Blobs, asset: str, upload: ErasureUpload) -> AddedErasure:
    """Add a certificate to a phone; one that does not count is kept too, with the reason.

    Raises NotFoundError, UsageError for a document that is not base64, BodyTooLargeError for one that is too large.
    """
    acting = acting.at(upload.visit)
    stored = acting.case_of_phone(asset)
    acting.check_step(stored.facts, "erase", "kiosk", "store", "warehouse")
    document = None if upload.document is None else _kept(acting, blobs, _document(upload.document))
    certificate = ErasureCertificate(
        **acting.of_phone(stored.facts),
        identifier_hmac=acting.vault.hashed(acting.tenant, upload.identifier).hmac,
        **{name: getattr(upload, name) for name in ErasureRecord.model_fields},
        document=document,
    )
    after = acting.add(stored, certificate)
    erasure = erasure_of(after, acting.journey_of(after).needs.erasure, acting.now)
    counts = erasure.certificate is not None and erasure.certificate.id == certificate.id
    return AddedErasure(certificate=certificate.id, counts=counts, reasons=erasure.reasons)


def revoke_erasure(
    acting: Acting, asset: str, certificate_id: str, revocation: ErasureRevocation
) -> ErasureCertificate:
    """Revoke a certificate: another record supersedes it. Raises NotFoundError, FactConflictError for a second time."""
    acting = acting.at(revocation.visit)
    stored = acting.case_of_phone(asset)
    acting.check_step(stored.facts, "erase", "kiosk", "store", "warehouse")
    known = stored.facts.by_id(ErasureCertificate, certificate_id)
    if known is None:
        raise NotFoundError(f"phone {asset} has no erasure certificate {certificate_id}")
    if known not in stored.facts.current(ErasureCertificate) or known.revoked_at is not None:
        raise FactConflictError(f"erasure certificate {certificate_id} is revoked already")
    own = {"revoked_at": acting.now, "revoked_why": revocation.why, "supersedes": known.id}
    revoked = known.model_copy(update={**acting.of_phone(stored.facts), **own})
    acting.add(stored, revoked)
    return revoked


def _kept(acting: Acting, blobs: Blobs, data: bytes) -> str:
    """Store a document, held until the certificate that names it is kept, and return its hash."""
    sha256 = blobs.put(acting.tenant, data)
    hold_file(acting.connection, blobs, acting.tenant, sha256, lambda: blobs.put(acting.tenant, data))
    return sha256


def _document(document: ErasureDocument) -> bytes:
    try:
        data = base64.b64decode(document.base64, validate=True)
    except binascii.Error as error:
        raise UsageError("document.base64 is not base64 (RFC 4648, section 4)") from error
    if len(data) > MAX_DOCUMENT_BYTES:
        raise BodyTooLargeError(f"an erasure document has at most {MAX_DOCUMENT_BYTES} bytes; it has {len(data)}")
    return data
