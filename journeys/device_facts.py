"""Facts of a phone: what it is, whose it is, where it is, whether it is locked and whether its data are gone."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from phonegrade.core.strict import Strict
from phonegrade.journeys.fact import AssetFact, CaseFact, Fact, FactId, KeyedHash, Label, Sha256, Text, Utc

IdentifierKind = Literal["imei", "imei2", "meid", "serial", "eid", "tag"]
ReadingSource = Literal["barcode", "ocr", "typed", "agent"]
"""`agent`: a program on the phone itself."""
Custody = Literal["customer", "in_transit", "ours", "returned", "sold", "recycled"]
Blocklist = Literal["clear", "listed", "unknown"]
ActivationLock = Literal["off", "on", "unknown"]


class Asset(Fact):
    """One phone; `asset` is its lasting id, that of its first record, and later records correct what it is."""

    fact: Literal["asset"] = "asset"
    asset: FactId
    device: Annotated[str, Field(max_length=200)] | None = None
    """The catalogue's name; None where it is not known or not in the catalogue."""
    storage_gb: PositiveInt | None = None
    colour: Label | None = None
    gtin: Annotated[str, Field(pattern=r"^\d{8,14}$")] | None = None


class Identifier(AssetFact):
    """One number of a phone as it was read once: its keyed hash and last four digits, never the number itself."""

    fact: Literal["identifier"] = "identifier"
    kind: IdentifierKind
    hmac: KeyedHash
    last4: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{4}$")]
    tac: Annotated[str, Field(pattern=r"^\d{8}$")] | None = None
    """Type allocation code of an IMEI: a hint at the model, never proof."""
    source: ReadingSource
    reads: PositiveInt = 1
    """Agreeing reads: two scales, two frames, or a barcode and its digits."""
    photo: FactId | None = None
    confirmed_by: Label | None = None
    """Who compared it with the phone; None where nobody did."""

    @property
    def confirmed(self) -> bool:
        """Whether somebody compared it with the phone."""
        return self.confirmed_by is not None


class Holding(AssetFact):
    """What the customer and this phone have to do with each other, as the operator's systems or the customer state."""

    fact: Literal["holding"] = "holding"
    owned_since: date | None = None
    activated_on: date | None = None
    """First registration in the operator's network."""
    warranty_until: date | None = None
    cover: Literal["none", "insured", "unknown"] = "unknown"
    eligible: dict[Label, bool] = Field(default_factory=dict)
    """Answers of the operator's systems by name, such as `upgrade`; a name that is absent is unknown."""
    source: Literal["operator", "customer"]


class LockCheck(AssetFact):
    """One look-up of locks; what it did not ask for is None, and `unknown` is an answer that never counts as good."""

    fact: Literal["lock_check"] = "lock_check"
    activation: ActivationLock | None = None
    blocklist: Blocklist | None = None
    source: Label
    """Which service or person answered."""


class Sanitiser(Strict):
    """A person of an erasure certificate."""

    name: Label
    title: Label | None = None
    did: Literal["sanitised", "verified"]


class ErasureRecord(Strict):
    """What an erasure tool states, with the fields of NIST SP 800-88 Rev. 2's certificate of sanitisation."""

    method: Literal["clear", "purge", "destroy"]
    technique: Label
    """Such as cryptographic_erase, overwrite or shred."""
    tool: Label
    tool_version: Label
    verification: Literal["full", "sampled", "tool_report", "none"]
    """How the result was checked; `none` never counts."""
    persons: Annotated[tuple[Sanitiser, ...], Field(min_length=1)]
    started_at: Utc
    ended_at: Utc
    location: Label | None = None
    maker: Label | None = None
    model: Label | None = None
    media_type: Label | None = None
    destination: Label | None = None
    """Where the phone goes afterwards."""

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ended_at < self.started_at:
            raise ValueError(f"ended_at {self.ended_at.isoformat()} is before started_at {self.started_at.isoformat()}")
        return self


class ErasureCertificate(AssetFact, ErasureRecord):
    """Proof that a phone's data are gone; whether it counts is derived: see `journeys.erasure`."""

    fact: Literal["erasure_certificate"] = "erasure_certificate"
    identifier_hmac: KeyedHash
    """Of the number that the tool read from the phone."""
    document: Sha256 | None = None
    """The tool's own PDF, XML or JSON, in the blob store."""
    revoked_at: Utc | None = None
    revoked_why: Text | None = None


class CustodyMove(AssetFact):
    """The phone changes hands; before the first move it is with the customer."""

    fact: Literal["custody_move"] = "custody_move"
    to: Custody
    site: Label | None = None
    carrier: Label | None = None
    reference: Label | None = None
    """Tracking or receipt number."""


class HandOff(CaseFact):
    """A case is offered to another channel: a token that works once, and two digits shown on both screens."""

    fact: Literal["hand_off"] = "hand_off"
    token_sha256: Sha256
    code: Annotated[str, Field(pattern=r"^\d{2}$")]
    expires_at: Utc


class HandOffClaim(CaseFact):
    """The other channel took the case over."""

    fact: Literal["hand_off_claim"] = "hand_off_claim"
    hand_off: FactId
