"""Every fact of one case and its phone, in one bundle that no order of arrival and no repetition can change."""

import hashlib
import json
from collections.abc import Iterable
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, TypeAdapter, ValidationError, field_validator, model_validator

from phonegrade.core.journey_errors import FactsError
from phonegrade.core.problems import first_problem
from phonegrade.core.strict import Strict
from phonegrade.journeys.deal_facts import (
    OfferOutcome,
    Override,
    Qualification,
    Quote,
    QuoteEvent,
    Settlement,
)
from phonegrade.journeys.device_facts import (
    Asset,
    CustodyMove,
    ErasureCertificate,
    HandOff,
    HandOffClaim,
    Holding,
    Identifier,
    LockCheck,
)
from phonegrade.journeys.evidence_facts import (
    AssessmentRevision,
    Complaint,
    Dispute,
    Inspected,
    Review,
    ReviewedDefect,
    ReviewRequest,
    StoredPhoto,
    TestRun,
)
from phonegrade.journeys.fact import AssetFact, CaseFact, Fact, FactId, Label, Utc
from phonegrade.journeys.lot_facts import Lot, LotClosed, LotItem, LotScan

JourneyName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Channel = Literal["app", "web", "kiosk", "store", "warehouse", "partner"]
ConsentPurpose = Literal["assessment", "offers", "training"]


class Case(Fact):
    """One device on one journey; its status is derived from the facts, never set."""

    fact: Literal["case"] = "case"
    journey: JourneyName
    channel: Channel
    """Where it was opened."""
    asset: FactId | None = None
    """The phone, once one is known; two cases that confirm one identifier share it."""
    customer_ref: Label | None = None
    """The operator's name for the customer, never a person's name."""
    correlation_id: Label | None = None
    policy: Label | None = None
    """The grading policy; None for the service's own."""
    consent: tuple[ConsentPurpose, ...] = ()
    """At opening; see `ConsentChange`."""
    expires_at: Utc | None = None


class Visit(CaseFact):
    """One stay of the case on one channel."""

    fact: Literal["visit"] = "visit"
    channel: Channel
    site: Label | None = None
    station: Label | None = None
    operator: Label | None = None


class ConsentChange(CaseFact):
    """The customer gives or withdraws consent: all purposes that hold from now on."""

    fact: Literal["consent_change"] = "consent_change"
    consent: tuple[ConsentPurpose, ...]


AnyFact = Annotated[
    Asset
    | AssessmentRevision
    | Complaint
    | ConsentChange
    | CustodyMove
    | Dispute
    | ErasureCertificate
    | HandOff
    | HandOffClaim
    | Holding
    | Identifier
    | Inspected
    | ReviewedDefect
    | LockCheck
    | Lot
    | LotClosed
    | LotItem
    | LotScan
    | OfferOutcome
    | Override
    | StoredPhoto
    | Qualification
    | Quote
    | QuoteEvent
    | Review
    | ReviewRequest
    | Settlement
    | TestRun
    | Visit,
    Field(discriminator="fact"),
]
"""Every kind of fact but the case itself; the member `fact` says which."""
ANY_FACT: TypeAdapter[AnyFact] = TypeAdapter(AnyFact)
"""Reads one fact from JSON or from a mapping."""
F = TypeVar("F", bound=Fact)
_MAX_BYTES = 16 * 1024 * 1024


class CaseFacts(Strict):
    """A case and all facts of it and of its phone, each once, sorted by time and id.

    Equal sets of facts are equal bundles, whatever order they came in: everything derived inherits that. Raises
    ValueError (a ValidationError) for two different facts of one id, and for a fact of another case or phone.
    """

    case: Case
    facts: tuple[AnyFact, ...] = ()

    @field_validator("facts")
    @classmethod
    def _each_once(cls, facts: tuple[AnyFact, ...]) -> tuple[AnyFact, ...]:
        unique: dict[str, AnyFact] = {}
        for fact in facts:
            if unique.setdefault(fact.id, fact) != fact:
                raise ValueError(f"two different facts of id {fact.id}: a correction is a new fact that supersedes")
        return tuple(sorted(unique.values(), key=lambda fact: fact.order))

    @model_validator(mode="after")
    def _of_one_case(self) -> Self:
        for fact in self.facts:
            self._refuse_strange(fact)
        return self

    def _refuse_strange(self, fact: Fact) -> None:
        if isinstance(fact, CaseFact) and fact.case != self.case.id:
            raise ValueError(f"fact {fact.id} is of case {fact.case}, not of {self.case.id}")
        if isinstance(fact, Asset | AssetFact) and fact.asset != self.case.asset:
            raise ValueError(f"fact {fact.id} is of phone {fact.asset}, not of {self.case.asset}")

    def with_facts(self, further: Iterable[AnyFact]) -> "CaseFacts":
        """Return the bundle with further facts; those that it holds already change nothing."""
        return CaseFacts(case=self.case, facts=(*self.facts, *further))

    def every(self, kind: type[F]) -> tuple[F, ...]:
        """Return all facts of that kind, oldest first, superseded ones too."""
        return tuple(fact for fact in self.facts if isinstance(fact, kind))

    def current(self, kind: type[F]) -> tuple[F, ...]:
        """Return the facts of that kind that no other of it supersedes, oldest first."""
        every = self.every(kind)
        superseded = {fact.supersedes for fact in every}
        return tuple(fact for fact in every if fact.id not in superseded)

    def latest(self, kind: type[F]) -> F | None:
        """Return the newest current fact of that kind."""
        current = self.current(kind)
        return current[-1] if current else None

    def by_id(self, kind: type[F], fact_id: str | None) -> F | None:
        """Return the fact of that kind and id."""
        return next((fact for fact in self.every(kind) if fact.id == fact_id), None)

    @property
    def consent(self) -> tuple[ConsentPurpose, ...]:
        """The purposes that the customer's consent holds for now."""
        changed = self.latest(ConsentChange)
        return self.case.consent if changed is None else changed.consent

    def channel_of(self, fact: Fact) -> Channel:
        """Return the channel that a fact was recorded on; that of the case where it names no known visit."""
        visit = self.by_id(Visit, fact.visit)
        return self.case.channel if visit is None else visit.channel

    @property
    def sha256(self) -> str:
        """The hash of the whole bundle, by which an answer can be traced to it; equal bundles have equal hashes."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()


def parse_facts(data: bytes, name: str) -> CaseFacts:
    """Return the bundle in the bytes of a JSON file; `name` stands for it in messages. Raises FactsError."""
    if len(data) > _MAX_BYTES:
        raise FactsError(f"{name}: the facts of one case have at most {_MAX_BYTES} bytes")
    try:
        return CaseFacts.model_validate_json(data)
    except ValidationError as error:
        raise FactsError(f"{name}: {first_problem(error, 'facts')}") from error


def facts_schema() -> str:
    """Return the schema of a file of facts as a JSON text."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **CaseFacts.model_json_schema(),
        "title": "phonegrade facts of a case",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
