"""The routes of a case's photos: each is stored for good before it is answered, and inspected afterwards."""

import hashlib
import json
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import NonNegativeInt
from sqlalchemy import Connection, select

from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.errors import DuplicatePhotoError, EmptyPhotoError, ForbiddenError, UsageError
from phonegrade.core.idempotency import fingerprint
from phonegrade.core.inspection import Inspection
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface
from phonegrade.journeys.evidence import photo_state
from phonegrade.journeys.evidence_facts import Inspected, PhotoState, StoredPhoto
from phonegrade.journeys.fact import FactId, Sha256
from phonegrade.journeys.facts import CaseFacts
from phonegrade.service.case_basis import basis_of
from phonegrade.service.case_parts import Cases, CasesDep, OnceDep, stored
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.case_store import of_client
from phonegrade.service.cases import WITH_ETAG, CaseId
from phonegrade.service.examples import CASE_PHOTO_ERRORS, CASE_READ_ERRORS
from phonegrade.service.forms import read_flag
from phonegrade.service.inspections import ask_for_inspection
from phonegrade.service.parts import PartsDep
from phonegrade.service.streamed_form import FilePart, Form, read_form
from phonegrade.store.answers import StoredAnswer
from phonegrade.store.blobs import StoredFile, put_photo
from phonegrade.store.cases import add_facts
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.files import hold_file
from phonegrade.store.records import get_inspections, note_sent

router = APIRouter(tags=["photos"], route_class=CaseRoute)
PhotoId = Annotated[str, Path(max_length=64, description="Of the photo.")]
TEXTS = ("purpose", "surface", "visit", "retake_of", "degraded", "session_code_shown", "client_gates")
_PHOTOS = BY_MODEL[StoredPhoto].table


class AcceptedPhoto(Strict):
    """A photo that is stored for good."""

    photo: FactId
    sha256: Sha256
    """Of what was stored: the file without its metadata."""
    state: Literal["stored"] = "stored"
    known: bool
    """The case had this photo already; `photo` is that one."""
    version: NonNegativeInt


class PhotoView(Strict):
    """A photo, what became of it and what it shows."""

    photo: StoredPhoto
    state: PhotoState
    inspected: tuple[Inspected, ...]
    """Every inspection, oldest first: another model or another device inspects it again."""
    inspection: Inspection | None
    """The newest that could use it."""


def _photo_body() -> dict[str, Any]:
    text = {"type": "string"}
    members: dict[str, Any] = dict.fromkeys(TEXTS, text)
    members["purpose"] = {"type": "string", "enum": ["surface", "identifier", "settings", "closeup"]}
    members["surface"] = {"type": "string", "enum": [one.value for one in Surface]}
    members["photo"] = {"type": "string", "format": "binary"}
    schema = {"type": "object", "properties": members, "required": ["photo"], "additionalProperties": False}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


@router.post(
    "/v1/cases/{case_id}/photos",
    status_code=202,
    summary="Add one photo",
    response_model=AcceptedPhoto,
    openapi_extra={"requestBody": _photo_body()},
    responses={**CASE_PHOTO_ERRORS, 202: {"description": "It is stored, and will be inspected", "headers": WITH_ETAG}},
)
async def add_photo(case_id: CaseId, request: Request, cases: CasesDep, once: OnceDep, parts: PartsDep) -> Response:
    """Store one photo without its metadata; it is inspected once a worker is free, and never refused for a full queue.

    The same photo sent again to the same case is answered with the first.
    """
    facts = (await cases.read(lambda connection: cases.load(connection, case_id))).facts
    rules = parts.form_rules(photos=("photo",), texts=TEXTS, photos_once=True)
    with parts.upload_room.taken() as take:
        form = await read_form(request.headers.get("content-type", ""), request.stream(), rules, _kept, take)
        file = form.file("photo")
        if file is None:
            raise UsageError("no photo was given; send one, such as curl -F photo=@front.jpg -F surface=front")
        if not file.data:
            raise EmptyPhotoError(f"photo ({file.filename:.80}): the file is empty (0 bytes)")
        # its words are checked before its bytes are stored
        _fact(cases, facts, form, StoredFile("0" * 64, len(file.data), "0" * 64))
        kept = await run_in_threadpool(put_photo, cases.store.blobs, cases.tenant, file.data)

    def work(connection: Connection) -> StoredAnswer:
        facts = cases.load(connection, case_id).facts
        fact = _fact(cases, facts, form, kept)
        before = next((one for one in facts.every(StoredPhoto) if one.sha256 == fact.sha256), None)
        if before is not None and (before.purpose, before.surface) != (fact.purpose, fact.surface):
            raise DuplicatePhotoError(f"this photo was sent before, as {before.surface or before.purpose}")
        again = partial(put_photo, cases.store.blobs, cases.tenant, file.data)
        hold_file(connection, cases.store.blobs, cases.tenant, kept.sha256, again)
        added = add_facts(connection, cases.store.vault, cases.tenant, case_id, [fact], fact.at)
        note_sent(connection, cases.tenant, kept, fact.at)
        if before is None and fact.surface is not None:
            basis = basis_of(facts, fact.surface, parts)
            ask_for_inspection(connection, cases.tenant, fact, basis, fact.at)
        answer = AcceptedPhoto(
            photo=added.known.get(fact.id, fact.id),
            sha256=kept.sha256,
            known=fact.id in added.known,
            version=added.version,
        )
        return stored(202, answer, added.version, {"Location": f"/v1/photos/{answer.photo}"})

    sent = [("photo", hashlib.sha256(file.data).hexdigest())]
    answered = await once.answer(await run_in_threadpool(fingerprint, sent, form.texts), work)
    cases.parts.wake()
    return answered


def _fact(cases: Cases, facts: CaseFacts, form: Form, kept: StoredFile) -> StoredPhoto:
    """Return the fact of a photo. Raises what is wrong with its words."""
    texts = form.texts
    surface, retake_of = texts.get("surface"), texts.get("retake_of")
    shown = read_flag(texts, "session_code_shown")
    if shown and cases.caller.case is not None:
        raise ForbiddenError("session_code_shown is for the service that compared the code, not for its customer")
    try:
        gates = json.loads(texts.get("client_gates", "{}"))
    except ValueError as error:
        raise UsageError("client_gates is not JSON") from error
    with of_client():
        fact = StoredPhoto.model_validate(
            {
                **cases.stamp(),
                "case": facts.case.id,
                "visit": cases.visit_of(facts, texts.get("visit")),
                "purpose": texts.get("purpose", "surface" if surface else "closeup"),
                "surface": surface,
                "sha256": kept.sha256,
                "size_bytes": kept.size_bytes,
                "retake_of": retake_of,
                "client_gates": gates,
                "degraded": read_flag(texts, "degraded"),
                "session_code_shown": shown,
            }
        )
    if retake_of is not None and facts.by_id(StoredPhoto, retake_of) is None:
        raise NotFoundError(f"retake_of: no photo {retake_of}")
    return fact


@router.get("/v1/photos/{photo_id}", summary="Read what a photo shows", responses=CASE_READ_ERRORS)
async def read_photo(photo_id: PhotoId, cases: CasesDep) -> PhotoView:
    """Answer a photo's record, what became of it, and its inspection once there is one."""

    def work(connection: Connection) -> PhotoView:
        photo, facts = load_photo(connection, cases, photo_id)
        answers = tuple(one for one in facts.every(Inspected) if one.photo_sha256 == photo.sha256)
        usable = [one for one in answers if one.problem is None][-1:]
        records = get_inspections(connection, cases.tenant, [(one.photo_sha256, one.fingerprint) for one in usable])
        state = photo_state(photo, facts)
        return PhotoView(photo=photo, state=state, inspected=answers, inspection=records.get(photo.sha256))

    return await cases.read(work)


def load_photo(connection: Connection, cases: Cases, photo_id: str) -> tuple[StoredPhoto, CaseFacts]:
    """Return a photo and the facts of its case. Raises NotFoundError."""
    statement = select(_PHOTOS.c.case_id).where(_PHOTOS.c.tenant == cases.tenant, _PHOTOS.c.id == photo_id)
    case_id = connection.execute(statement).scalar_one_or_none()
    if case_id is None or cases.caller.case not in (None, case_id):
        raise NotFoundError(f"no photo {photo_id}")
    facts = cases.load(connection, case_id).facts
    photo = facts.by_id(StoredPhoto, photo_id)
    if photo is None:
        raise NotFoundError(f"no photo {photo_id}")
    return photo, facts


async def _kept(file: FilePart, form: Form) -> None:
    """Wait for the rest: the photo is stored once its words are known."""
