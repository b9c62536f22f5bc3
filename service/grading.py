"""The two routes that take photos: read the form as it arrives, have workers look, answer."""

import asyncio
import hashlib
from typing import cast

from fastapi import APIRouter, Request, Response

from phonegrade.assessment.assessment import Assessment
from phonegrade.assessment.choose_device import known_device
from phonegrade.core.errors import UsageError
from phonegrade.core.idempotency import fingerprint
from phonegrade.core.inspection import Inspection
from phonegrade.service.authorize import key_id
from phonegrade.service.device_request import AnswerForm, DeviceRequest, Tell
from phonegrade.service.event_stream import streamed
from phonegrade.service.examples import ERRORS, EVENTS_EXAMPLE, GRADE_EXAMPLE, INSPECT_EXAMPLE
from phonegrade.service.failures import problem_json
from phonegrade.service.forms import (
    GRADE_FILES,
    GRADE_PHOTOS,
    GRADE_TEXTS,
    INSPECT_PHOTO,
    INSPECT_TEXTS,
    grade_body,
    inspect_body,
    read_confidence,
    read_flag,
    read_shown,
)
from phonegrade.service.idempotency import Answer
from phonegrade.service.manners import accepted, refuse_compressed, refuse_unknown_query, while_connected
from phonegrade.service.parts import Parts, PartsDep
from phonegrade.service.streamed_form import FilePart, Form, read_form
from phonegrade.service.tasks import EVENTS, HTML, JPEG, JSON, Body, InspectPhoto

router = APIRouter(tags=["grading"])
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "A request that is sent again with the same key and content gets the first answer again.",
}


@router.post(
    "/v1/grade",
    summary="Grade one device from its photos and functional tests",
    openapi_extra={"requestBody": grade_body(), "parameters": [IDEMPOTENCY_KEY]},
    responses={
        200: {
            "model": Assessment,
            "description": "The grade and why",
            "content": {
                JSON: {"example": GRADE_EXAMPLE},
                HTML: {"schema": {"type": "string"}},
                EVENTS: {"schema": {"type": "string"}, "example": EVENTS_EXAMPLE},
            },
        },
        **ERRORS,
    },
)
async def grade(request: Request, parts: PartsDep) -> Response:
    """Answer what `phonegrade grade --json` prints. A missing surface makes the answer incomplete and is not refused.

    A defect that several photos of a surface show counts once; `views` says which photos were used and where they
    disagree. Send texts and tests before the photos: each photo is then inspected while the next is uploading.
    `Accept: text/event-stream` answers with a `photo` event for each one that was inspected, and then `grade`.
    """
    media = accepted(request, (JSON, HTML, EVENTS))
    _check_head(request, parts)

    async def work(tell: Tell | None) -> tuple[Answer, bool]:
        return await _grade(request, parts, media, tell)

    if media == EVENTS:

        async def streamable(tell: Tell) -> bytes:
            return (await work(tell))[0].body

        return await streamed(streamable, lambda error: problem_json(error, parts.metrics))
    answer, is_replay = await work(None)
    headers = {"Idempotency-Replayed": "true"} if is_replay else None
    return Response(answer.body, answer.status, headers, answer.media_type)


async def _grade(request: Request, parts: Parts, media: str, tell: Tell | None) -> tuple[Answer, bool]:
    key, holder = request.headers.get("idempotency-key"), key_id(request.scope)
    device = DeviceRequest(parts, early=not parts.idempotency.knows(holder, "/v1/grade", key), tell=tell)
    rules = parts.form_rules(photos=GRADE_PHOTOS, files=GRADE_FILES, texts=GRADE_TEXTS)
    with parts.upload_room.taken() as take:
        try:
            form = await read_form(_content_type(request), request.stream(), rules, device.arrived, take)
            wanted = AnswerForm(read_flag(form.texts, "brief"), read_flag(form.texts, "report"), media == HTML)

            async def computed() -> Answer:
                body = await while_connected(request, device.graded(form, wanted))
                parts.metrics.count_grade(form.texts.get("policy"), body.outcome)
                return Answer(200, body.media_type, body.content)

            content = "" if key is None else await asyncio.to_thread(_content, form, media)
            return await parts.idempotency.answer(holder, "/v1/grade", key, content, computed)
        finally:
            device.close()


@router.post(
    "/v1/inspect",
    summary="Find and measure the defects in one photo",
    openapi_extra={"requestBody": inspect_body()},
    responses={
        200: {
            "model": Inspection,
            "description": "What the photo shows",
            "content": {JSON: {"example": INSPECT_EXAMPLE}, JPEG: {"schema": {"type": "string", "format": "binary"}}},
        },
        **ERRORS,
    },
)
async def inspect(request: Request, parts: PartsDep) -> Response:
    """Answer what `phonegrade inspect --jsonl` prints for one photo.

    `Accept: image/jpeg` answers with the photo itself and its defects outlined.
    """
    media = accepted(request, (JSON, JPEG))
    _check_head(request, parts)
    rules = parts.form_rules(photos=INSPECT_PHOTO, texts=INSPECT_TEXTS, photos_once=True)
    with parts.upload_room.taken() as take:
        form = await read_form(_content_type(request), request.stream(), rules, _kept, take)
        photo = form.file("photo")
        if photo is None:
            raise UsageError("no photo was given; send one, such as curl -F photo=@front.jpg")
        surface, view = read_shown(form.texts)
        known = known_device(form.texts.get("device"), form.texts.get("size"), None, parts.settings.own_devices)
        work = InspectPhoto(
            photo.filename, surface, view, known.device, read_confidence(form.texts), overlay=media == JPEG
        )
        body = cast(Body, await while_connected(request, parts.pool.run(work, photo.data)))
    return Response(body.content, media_type=body.media_type)


def _check_head(request: Request, parts: Parts) -> None:
    """Refuse what can be refused before the body is read."""
    refuse_unknown_query(request)
    refuse_compressed(request)
    parts.pool.refuse_when_full()


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "")


async def _kept(file: FilePart, form: Form) -> None:
    """Wait for the rest: one photo has nothing to be inspected beside."""


def _content(form: Form, media: str) -> str:
    files = [(file.part, hashlib.sha256(file.data).hexdigest()) for file in form.files]
    return fingerprint(files, {**form.texts, "accept": media})
