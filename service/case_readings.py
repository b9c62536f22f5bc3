"""Photos of numbers as a case takes them: stored for good, read in a worker process, and recorded with their crops."""

import hashlib
from typing import NamedTuple

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import NonNegativeInt
from sqlalchemy import Connection

from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.errors import EmptyPhotoError, StillRunningError, UsageError
from phonegrade.core.idempotency import fingerprint
from phonegrade.core.strict import Strict
from phonegrade.journeys.evidence_facts import StoredPhoto
from phonegrade.journeys.fact import FactId
from phonegrade.journeys.facts import AnyFact, CaseFacts
from phonegrade.journeys.identity_flags import IdentityFlag, identity_flags
from phonegrade.recognition.identification import Identification
from phonegrade.service.case_basis import inspect_again
from phonegrade.service.case_parts import Cases, Once, content_of, stored
from phonegrade.service.identifying import read_identifiers
from phonegrade.service.parts import Parts
from phonegrade.service.streamed_form import FilePart, Form, read_form
from phonegrade.service.use_cases.readings import ReadingView, Recorder, SavedCrop, save_crops, with_second_frame
from phonegrade.store.answers import StoredAnswer
from phonegrade.store.blobs import StoredFile, put_photo
from phonegrade.store.cases import add_facts
from phonegrade.store.records import note_sent

SHOWS_NUMBERS = ("identifier", "settings", "box")
"""Purposes of photos that are read."""
TEXTS = ("purpose", "visit")


class PhotoToRead(Strict):
    """A photo that the case has already, of purpose identifier, settings or box."""

    photo: FactId
    visit: FactId | None = None


class RecordedReadings(Strict):
    """What a photo says about the phone, and what was recorded of it."""

    photo: FactId
    numbers: tuple[ReadingView, ...]
    models: tuple[ReadingView, ...]
    device: str | None
    """What the phone is described as by this photo; None where it says none, or somebody had said it."""
    flags: tuple[IdentityFlag, ...]
    advice: str
    """What to do next."""
    version: NonNegativeInt


class _Sent(NamedTuple):
    """A photo to read, of the case already or to be added to it."""

    data: bytes
    content: str
    """The hash of what was asked, for its Idempotency-Key."""
    photo: str | None
    """Of the case already."""
    kept: StoredFile | None
    """As it was stored just now."""
    purpose: str | None
    visit: str | None


async def read_stored(case_id: str, body: PhotoToRead, cases: Cases, once: Once, parts: Parts) -> Response:
    """Read a photo that the case has, and record what it says."""
    facts = (await cases.read(lambda connection: cases.load(connection, case_id))).facts
    photo = facts.by_id(StoredPhoto, body.photo)
    if photo is None or photo.state == "erased":
        raise NotFoundError(f"photo: no photo {body.photo}")
    if photo.purpose not in SHOWS_NUMBERS:
        raise UsageError(f"a photo of purpose {photo.purpose} is not read; send one of {', '.join(SHOWS_NUMBERS)}")
    cases.visit_of(facts, body.visit)
    data = await run_in_threadpool(cases.store.blobs.get, cases.tenant, photo.sha256)
    return await _read(case_id, cases, once, parts, _Sent(data, content_of(body), photo.id, None, None, body.visit))


async def read_upload(case_id: str, request: Request, cases: Cases, once: Once, parts: Parts) -> Response:
    """Store a photo without its metadata, read it, and record what it says."""
    facts = (await cases.read(lambda connection: cases.load(connection, case_id))).facts
    rules = parts.form_rules(photos=("photo",), texts=TEXTS, photos_once=True)
    with parts.upload_room.taken() as take:
        form = await read_form(request.headers.get("content-type", ""), request.stream(), rules, _kept, take)
        file = form.file("photo")
        if file is None:
            raise UsageError("no photo was given; send one, such as curl -F photo=@screen.jpg")
        if not file.data:
            raise EmptyPhotoError("photo: the file is empty (0 bytes)")
        purpose = form.texts.get("purpose", SHOWS_NUMBERS[0])
        if purpose not in SHOWS_NUMBERS:
            raise UsageError(f"purpose must be one of {', '.join(SHOWS_NUMBERS)}, not {purpose!r:.40}")
        cases.visit_of(facts, form.texts.get("visit"))
        kept = await run_in_threadpool(put_photo, cases.store.blobs, cases.tenant, file.data)
        content = fingerprint([("photo", hashlib.sha256(file.data).hexdigest())], form.texts)
        sent = _Sent(file.data, content, None, kept, purpose, form.texts.get("visit"))
        return await _read(case_id, cases, once, parts, sent)


async def _read(case_id: str, cases: Cases, once: Once, parts: Parts, sent: _Sent) -> Response:
    """Read a photo in a worker process, and record what it says; a repeat is answered without reading it again."""
    identification, crops = None, dict[str, SavedCrop]()
    if not await once.is_answered():
        identification = await read_identifiers(parts, sent.data)
        crops = await run_in_threadpool(save_crops, cases.store.blobs, cases.tenant, identification)

    def work(connection: Connection) -> StoredAnswer:
        if identification is None:
            raise StillRunningError("the answer to this Idempotency-Key was forgotten meanwhile; send it again")
        return _record(connection, cases, case_id, parts, sent, identification, crops)

    answered = await once.answer(sent.content, work)
    cases.parts.wake()
    return answered


def _record(
    connection: Connection,
    cases: Cases,
    case_id: str,
    parts: Parts,
    sent: _Sent,
    identification: Identification,
    crops: dict[str, SavedCrop],
) -> StoredAnswer:
    facts = cases.load(connection, case_id).facts
    first: list[AnyFact] = []
    photo = sent.photo
    if sent.kept is not None:
        photo, first = _photo_of(cases, facts, sent, sent.kept)
        note_sent(connection, cases.tenant, sent.kept, cases.parts.clock())
    if photo is None:
        raise NotFoundError(f"no photo of case {case_id}")
    readings = Recorder(cases, facts, photo, sent.visit, crops).record(connection, identification)
    added = add_facts(
        connection,
        cases.store.vault,
        cases.tenant,
        case_id,
        [*first, *readings.facts],
        cases.parts.clock(),
        numbers=readings.numbers,
    )
    if readings.described is not None:
        inspect_again(connection, cases, case_id, parts)
    views = tuple(with_second_frame(readings.views))
    answer = RecordedReadings(
        photo=photo,
        numbers=tuple(view for view in views if view.code is None),
        models=tuple(view for view in views if view.code is not None),
        device=readings.described,
        flags=identity_flags(cases.load(connection, case_id).facts),
        advice=identification.advice,
        version=added.version,
    )
    return stored(201, answer, added.version, {"Location": f"/v1/photos/{photo}"})


def _photo_of(cases: Cases, facts: CaseFacts, sent: _Sent, kept: StoredFile) -> tuple[str, list[AnyFact]]:
    """Return the id of an uploaded photo, and its fact unless the case has it already."""
    known = next((one for one in facts.every(StoredPhoto) if one.sha256 == kept.sha256), None)
    if known is not None:
        return known.id, []
    fact = StoredPhoto.model_validate(
        {
            **cases.stamp(),
            "case": facts.case.id,
            "visit": cases.visit_of(facts, sent.visit),
            "purpose": sent.purpose,
            "sha256": kept.sha256,
            "size_bytes": kept.size_bytes,
        }
    )
    return fact.id, [fact]


async def _kept(file: FilePart, form: Form) -> None:
    """Wait for the rest: the photo is stored once its words are known."""
