"""Data erasure certificates: what the erasure tool writes, added to a phone, and revoked where it was wrong."""

import base64
import binascii
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from phonegrade.core.data_errors import FactConflictError, NotFoundError
from phonegrade.core.errors import BodyTooLargeError, UsageError
from phonegrade.core.strict import Strict
from phonegrade.journeys.device_facts import ErasureCertificate, Sanitiser
from phonegrade.journeys.erasure import erasure_of
from phonegrade.journeys.fact import FactId, JourneyReason, Label, Text, Utc
from phonegrade.service.use_cases.acting import Acting
from phonegrade.store.blobs import Blobs
from phonegrade.store.files import hold_file

MAX_DOCUMENT_BYTES = 700_000


class ErasureDocument(Strict):
    """The tool's own PDF, XML or JSON."""

    base64: Annotated[str, Field(min_length=4, max_length=940_000)]


class ErasureUpload(Strict):
    """A certificate as it is sent, with the fields of NIST SP 800-88 Rev. 2's certificate of sanitisation."""

    identifier: Annotated[str, Field(min_length=4, max_length=80)]
    """The number that the tool read from the phone; only its keyed hash is kept."""
    method: Literal["clear", "purge", "destroy"]
    technique: Label
    tool: Label
    tool_version: Label
    verification: Literal["full", "sampled", "tool_report", "none"]
    persons: Annotated[tuple[Sanitiser, ...], Field(min_length=1)]
    started_at: Utc
    ended_at: Utc
    location: Label | None = None
    maker: Label | None = None
    model: Label | None = None
    media_type: Label | None = None
    destination: Label | None = None
    document: ErasureDocument | None = None
    """Kept beside the certificate."""
    visit: FactId | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ended_at < self.started_at:
            raise ValueError(f"ended_at {self.ended_at.isoformat()} is before started_at {self.started_at.isoformat()}")
        return self


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
        method=upload.method,
        technique=upload.technique,
        tool=upload.tool,
        tool_version=upload.tool_version,
        verification=upload.verification,
        persons=upload.persons,
        started_at=upload.started_at,
        ended_at=upload.ended_at,
        location=upload.location,
        maker=upload.maker,
        model=upload.model,
        media_type=upload.media_type,
        destination=upload.destination,
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
