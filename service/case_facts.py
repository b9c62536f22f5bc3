"""The routes by which a case gets what is known about its phone: numbers, model, holding, tests, complaint, consent."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field, NonNegativeInt, PositiveInt
from sqlalchemy import Connection

from phonegrade.core.devices.catalogue import find_device
from phonegrade.core.errors import ForbiddenError, UsageError
from phonegrade.core.functional.report import TestName
from phonegrade.core.strict import Strict
from phonegrade.journeys.device_facts import Asset, Holding, Identifier, IdentifierKind, ReadingSource
from phonegrade.journeys.evidence import AT_HAND
from phonegrade.journeys.evidence_facts import Complaint
from phonegrade.journeys.fact import FactId, Label, Text
from phonegrade.journeys.facts import AnyFact, CaseFacts, ConsentChange, ConsentPurpose
from phonegrade.service.case_basis import basis_of, surface_photos
from phonegrade.service.case_parts import Cases, CasesDep, OnceDep, VersionDep, content_of, stored
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.case_store import of_client
from phonegrade.service.cases import WITH_ETAG, CaseId, RecordedFact
from phonegrade.service.examples import CASE_ERRORS
from phonegrade.service.inspections import ask_for_inspection
from phonegrade.service.parts import Parts, PartsDep
from phonegrade.store.answers import StoredAnswer
from phonegrade.store.cases import add_facts, load_case
from phonegrade.store.columns import new_id

RECORDED = {**CASE_ERRORS, 201: {"description": "It is recorded", "headers": WITH_ETAG}}
router = APIRouter(tags=["facts of a case"], route_class=CaseRoute, responses=RECORDED)


class NewIdentifier(Strict):
    """A number of the phone as it was read or typed."""

    kind: IdentifierKind
    value: Annotated[str, Field(min_length=4, max_length=64)]
    """The number itself: it is kept as a keyed hash, its last four characters, and encrypted."""
    source: ReadingSource
    reads: PositiveInt = 1
    photo: FactId | None = None
    confirmed_by: Label | None = None
    """Who compared it with the phone."""
    visit: FactId | None = None


class RecordedIdentifier(Strict):
    """A number that was recorded."""

    id: FactId
    asset: FactId
    last4: str
    version: NonNegativeInt


class NewDevice(Strict):
    """What the phone is."""

    device: Annotated[str, Field(max_length=200)] | None = None
    """A name or model code of the catalogue."""
    storage_gb: PositiveInt | None = None
    colour: Label | None = None
    gtin: str | None = None
    visit: FactId | None = None


class NewHolding(Strict):
    """What the customer and the phone have to do with each other; members as of a holding's fact."""

    owned_since: str | None = None
    activated_on: str | None = None
    warranty_until: str | None = None
    cover: Literal["none", "insured", "unknown"] = "unknown"
    eligible: dict[Label, bool] = Field(default_factory=dict)
    source: Literal["operator", "customer"]
    visit: FactId | None = None


class NewComplaint(Strict):
    """What the customer says is wrong."""

    symptoms: tuple[TestName, ...] = ()
    incident: Literal["none", "drop", "liquid", "loss", "theft", "unknown"] = "unknown"
    text: Text | None = None
    visit: FactId | None = None


class NewConsent(Strict):
    """All purposes that the customer's consent holds for from now on."""

    consent: tuple[ConsentPurpose, ...]
    visit: FactId | None = None


@router.post(
    "/v1/cases/{case_id}/identifiers",
    status_code=201,
    summary="Record a number of the phone",
    response_model=RecordedIdentifier,
)
async def add_identifier(
    case_id: CaseId, body: NewIdentifier, cases: CasesDep, once: OnceDep, version: VersionDep
) -> Response:
    """Record an IMEI, serial number or the like; the answer and every later one hold its last four characters alone.

    A confirmed number that another case's phone has too makes the two one phone.
    """
    hashed = cases.store.vault.hashed(cases.tenant, body.value)
    digits = "".join(one for one in body.value if one.isdigit())
    tac = digits[:8] if body.kind in ("imei", "imei2") and len(digits) in (15, 16) else None

    def work(connection: Connection) -> StoredAnswer:
        facts = cases.load(connection, case_id).facts
        if body.confirmed_by is not None and cases.channels.isdisjoint(AT_HAND):
            raise ForbiddenError("confirmed_by is for who has the phone at hand: a kiosk, a shop or a warehouse")
        with of_client():
            fact = Identifier(
                **_of_phone(cases, facts, body.visit),
                kind=body.kind,
                hmac=hashed.hmac,
                last4=hashed.last4,
                tac=tac,
                source=body.source,
                reads=body.reads,
                photo=body.photo,
                confirmed_by=body.confirmed_by,
            )
        vault, numbers = cases.store.vault, {fact.id: body.value}
        added = add_facts(connection, vault, cases.tenant, case_id, [fact], fact.at, version=version, numbers=numbers)
        answer = RecordedIdentifier(id=fact.id, asset=fact.asset, last4=fact.last4, version=added.version)
        return stored(201, answer, added.version)

    # not the number's own hash, which whoever reads the table of answers could guess it from
    content = content_of(body.model_copy(update={"value": hashed.hmac}), version)
    return await once.answer(content, work)


@router.post(
    "/v1/cases/{case_id}/device", status_code=201, summary="Record what the phone is", response_model=RecordedFact
)
async def describe_device(
    case_id: CaseId, body: NewDevice, cases: CasesDep, once: OnceDep, version: VersionDep, parts: PartsDep
) -> Response:
    """Record model, storage and colour; the photos that the case has are inspected again with the model's sizes."""
    name = None if body.device is None else find_device(body.device, parts.settings.own_devices).name

    def work(connection: Connection) -> StoredAnswer:
        facts = cases.load(connection, case_id).facts
        with of_client():
            fact = Asset(
                **_of_phone(cases, facts, body.visit),
                device=name,
                storage_gb=body.storage_gb,
                colour=body.colour,
                gtin=body.gtin,
            )
        answer = _recorded(connection, cases, case_id, fact, version)
        _inspect_again(connection, cases, case_id, parts)
        return answer

    answered = await once.answer(content_of(body, version), work)
    cases.parts.wake()
    return answered


@router.post(
    "/v1/cases/{case_id}/holding", status_code=201, summary="Record whose phone it is", response_model=RecordedFact
)
async def add_holding(
    case_id: CaseId, body: NewHolding, cases: CasesDep, once: OnceDep, version: VersionDep
) -> Response:
    """Record since when the customer has the phone, its warranty, its cover and what they are eligible for."""
    if body.source == "operator" and cases.caller.case is not None:
        raise UsageError("a customer's link records what the customer says: source is customer")

    def work(connection: Connection) -> StoredAnswer:
        facts = cases.load(connection, case_id).facts
        with of_client():
            members = {**_of_phone(cases, facts, body.visit), **body.model_dump(exclude={"visit"})}
            fact = Holding.model_validate(members)
        return _recorded(connection, cases, case_id, fact, version)

    return await once.answer(content_of(body, version), work)


@router.post(
    "/v1/cases/{case_id}/complaint", status_code=201, summary="Record what is wrong", response_model=RecordedFact
)
async def add_complaint(
    case_id: CaseId, body: NewComplaint, cases: CasesDep, once: OnceDep, version: VersionDep
) -> Response:
    """Record what the customer says is wrong; the newest complaint counts."""

    def work(connection: Connection) -> StoredAnswer:
        facts = cases.load(connection, case_id).facts
        members = body.model_dump(exclude={"visit"})
        return _recorded(connection, cases, case_id, Complaint(**of_case(cases, facts, body.visit), **members), version)

    return await once.answer(content_of(body, version), work)


@router.post("/v1/cases/{case_id}/consent", status_code=201, summary="Change the consent", response_model=RecordedFact)
async def change_consent(
    case_id: CaseId, body: NewConsent, cases: CasesDep, once: OnceDep, version: VersionDep
) -> Response:
    """Record all purposes that hold from now on; those left out are withdrawn."""

    def work(connection: Connection) -> StoredAnswer:
        facts = cases.load(connection, case_id).facts
        fact = ConsentChange(**of_case(cases, facts, body.visit), consent=body.consent)
        return _recorded(connection, cases, case_id, fact, version)

    return await once.answer(content_of(body, version), work)


def of_case(cases: Cases, facts: CaseFacts, visit: str | None) -> dict[str, Any]:
    """Return what a fact of the case has first. Raises FactsError or ForbiddenError for its visit."""
    return {**cases.stamp(), "case": facts.case.id, "visit": cases.visit_of(facts, visit)}


def _of_phone(cases: Cases, facts: CaseFacts, visit: str | None) -> dict[str, Any]:
    """Return what a fact of the case's phone has first; a case without a phone gets a new one."""
    stamp = cases.stamp()
    return {**stamp, "asset": facts.case.asset or new_id(stamp["at"]), "visit": cases.visit_of(facts, visit)}


def _recorded(connection: Connection, cases: Cases, case_id: str, fact: AnyFact, version: int | None) -> StoredAnswer:
    added = add_facts(connection, cases.store.vault, cases.tenant, case_id, [fact], fact.at, version=version)
    return stored(201, RecordedFact(id=fact.id, version=added.version), added.version)


def _inspect_again(connection: Connection, cases: Cases, case_id: str, parts: Parts) -> None:
    """Ask for what the photos show under the case's device as it is now."""
    facts = load_case(connection, cases.tenant, case_id).facts
    for photo in surface_photos(facts):
        if photo.surface is not None:
            basis = basis_of(facts, photo.surface, parts)
            ask_for_inspection(connection, cases.tenant, photo, basis, cases.parts.clock())
