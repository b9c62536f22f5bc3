"""The routes by which a case gets the phone's numbers: typed, read from a photo, or compared by a person."""

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, NonNegativeInt, PositiveInt, ValidationError
from sqlalchemy import Connection

from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.errors import ForbiddenError
from phonegrade.core.strict import Strict
from phonegrade.journeys.device_facts import Identifier, IdentifierKind, ReadingSource
from phonegrade.journeys.evidence import AT_HAND
from phonegrade.journeys.evidence_facts import StoredPhoto
from phonegrade.journeys.fact import FactId, Label
from phonegrade.recognition.tac_votes import suggested_device
from phonegrade.service.case_parts import Cases, CasesDep, Once, OnceDep, VersionDep, content_of, stored
from phonegrade.service.case_readings import SHOWS_NUMBERS, PhotoToRead, RecordedReadings, read_stored, read_upload
from phonegrade.service.case_route import CaseRoute, bounded_body
from phonegrade.service.case_store import of_client
from phonegrade.service.cases import WITH_ETAG, CaseId
from phonegrade.service.examples import CASE_PHOTO_ERRORS
from phonegrade.service.parts import PartsDep
from phonegrade.store.answers import StoredAnswer
from phonegrade.store.assets import plain_number
from phonegrade.store.cases import add_facts
from phonegrade.store.tac_votes import tac_votes

RECORDED = {**CASE_PHOTO_ERRORS, 201: {"description": "It is recorded", "headers": WITH_ETAG}}
router = APIRouter(tags=["facts of a case"], route_class=CaseRoute, responses=RECORDED)
Body = TypeVar("Body", bound=BaseModel)


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


class NewConfirmation(Strict):
    """A person compared a number that was read with the phone."""

    confirmed_by: Label
    visit: FactId | None = None


class RecordedIdentifier(Strict):
    """A number that was recorded."""

    id: FactId
    asset: FactId
    last4: str
    version: NonNegativeInt


def _body() -> dict[str, Any]:
    photo = {
        "type": "object",
        "properties": {
            "photo": {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"},
            "purpose": {"type": "string", "enum": list(SHOWS_NUMBERS), "default": "identifier"},
            "visit": {"type": "string"},
        },
        "required": ["photo"],
        "additionalProperties": False,
    }
    either = {"anyOf": [one.model_json_schema() for one in (NewIdentifier, PhotoToRead)]}
    return {
        "required": True,
        "content": {"application/json": {"schema": either}, "multipart/form-data": {"schema": photo}},
    }


@router.post(
    "/v1/cases/{case_id}/identifiers",
    status_code=201,
    summary="Record numbers of the phone, typed or read from a photo",
    response_model=RecordedIdentifier | RecordedReadings,
    openapi_extra={"requestBody": _body()},
)
async def add_identifier(
    case_id: CaseId, request: Request, cases: CasesDep, once: OnceDep, version: VersionDep, parts: PartsDep
) -> Response:
    """Record an IMEI, serial number or the like; the answer and every later one hold its last four characters alone.

    A form with a `photo`, or `photo` with the id of one that the case has, is read: what two reads agree on is
    recorded as read, the rest is to be confirmed by its crop. A confirmed number that another case's phone has too
    makes the two one phone.
    """
    if request.headers.get("content-type", "").startswith("multipart/"):
        return await read_upload(case_id, request, cases, once, parts)
    data = await bounded_body(request)
    if b'"value"' in data or b'"kind"' in data:
        return await _typed(case_id, _parsed(NewIdentifier, data), cases, once, version)
    return await read_stored(case_id, _parsed(PhotoToRead, data), cases, once, parts)


@router.post(
    "/v1/cases/{case_id}/identifiers/{reading_id}/confirm",
    status_code=201,
    summary="Confirm a number that was read",
    response_model=RecordedIdentifier,
)
async def confirm_identifier(
    case_id: CaseId,
    reading_id: Annotated[str, Path(max_length=64, description="Of the identifier.")],
    body: NewConfirmation,
    cases: CasesDep,
    once: OnceDep,
    version: VersionDep,
) -> Response:
    """Record that a person compared a number with the phone, by its crop and its last four characters."""

    def work(connection: Connection) -> StoredAnswer:
        facts = cases.load(connection, case_id).facts
        _check_at_hand(cases)
        reading = next((one for one in facts.current(Identifier) if one.id == reading_id), None)
        if reading is None:
            raise NotFoundError(f"no identifier {reading_id}, or another has superseded it")
        changed = {**cases.of_phone(facts, body.visit), "confirmed_by": body.confirmed_by, "supersedes": reading.id}
        fact = Identifier.model_validate({**reading.model_dump(), **changed})
        number = plain_number(connection, cases.store.vault, cases.tenant, reading.id)
        return _recorded(connection, cases, case_id, fact, number, version)

    return await once.answer(content_of(body, version), work)


async def _typed(case_id: str, body: NewIdentifier, cases: Cases, once: Once, version: int | None) -> Response:
    hashed = cases.store.vault.hashed(cases.tenant, body.value)
    digits = "".join(one for one in body.value if one.isdigit())
    tac = digits[:8] if body.kind in ("imei", "imei2") and len(digits) in (15, 16) else None

    def work(connection: Connection) -> StoredAnswer:
        facts = cases.load(connection, case_id).facts
        if body.confirmed_by is not None:
            _check_at_hand(cases)
        if body.photo is not None and facts.by_id(StoredPhoto, body.photo) is None:
            raise NotFoundError("photo: the case has no such photo")
        votes = () if tac is None else tac_votes(connection, cases.tenant, tac)
        with of_client():
            fact = Identifier(
                **cases.of_phone(facts, body.visit),
                kind=body.kind,
                hmac=hashed.hmac,
                last4=hashed.last4,
                tac=tac,
                source=body.source,
                reads=body.reads,
                photo=body.photo,
                suggested=None if tac is None else suggested_device(votes, tac, facts.case.asset),
                confirmed_by=body.confirmed_by,
            )
        return _recorded(connection, cases, case_id, fact, body.value, version)

    # not the number's own hash, which whoever reads the table of answers could guess it from
    content = content_of(body.model_copy(update={"value": hashed.hmac}), version)
    return await once.answer(content, work)


def _recorded(
    connection: Connection, cases: Cases, case_id: str, fact: Identifier, number: str, version: int | None
) -> StoredAnswer:
    vault, numbers = cases.store.vault, {fact.id: number}
    added = add_facts(connection, vault, cases.tenant, case_id, [fact], fact.at, version=version, numbers=numbers)
    answer = RecordedIdentifier(id=fact.id, asset=fact.asset, last4=fact.last4, version=added.version)
    return stored(201, answer, added.version)


def _parsed(model: type[Body], data: bytes) -> Body:
    """Return a JSON body. Raises RequestValidationError, as FastAPI does for the bodies that it reads itself."""
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False, include_context=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in problems]) from None


def _check_at_hand(cases: Cases) -> None:
    if cases.channels.isdisjoint(AT_HAND):
        raise ForbiddenError("confirmed_by is for who has the phone at hand: a kiosk, a shop or a warehouse")
