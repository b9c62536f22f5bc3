"""The route that reads a photo of a phone's numbers: *#06# screen, box label, settings page or engraving."""

from typing import Any, cast

from fastapi import APIRouter, Request, Response

from phonegrade.core.errors import UsageError
from phonegrade.recognition.identification import Identification
from phonegrade.service.examples import ERRORS
from phonegrade.service.forms import INSPECT_PHOTO, identify_body
from phonegrade.service.manners import accepted, refuse_compressed, refuse_unknown_query, while_connected
from phonegrade.service.parts import Parts, PartsDep
from phonegrade.service.streamed_form import FilePart, Form, read_form
from phonegrade.service.tasks import JSON, ReadIdentifiers

router = APIRouter(tags=["grading"])
PHOTO_NAME = "photo"
"""What errors call a photo of numbers: its own name may be the number."""
NO_STORE = {"Cache-Control": "no-store"}
IDENTIFY_EXAMPLE: dict[str, Any] = {
    "photo": PHOTO_NAME,
    "photo_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "readers": ["barcode", "ocr"],
    "numbers": [
        {
            "verdict": "accepted",
            "why": None,
            "advice": "IMEI 1 ending in 0089: read 3 times (barcode and print), and the reads agree",
            "source": "barcode",
            "agreeing": 3,
            "reads": [{"reader": "barcode", "scale": 1.0, "box": [412.0, 630.0, 980.0, 160.0]}],
            "crop": [316.0, 534.0, 1172.0, 352.0],
            "crop_jpeg": "/9j/4AAQSkZJRg...",
            "kind": "imei",
            "slot": 1,
            "value": "352370817080089",
            "last4": "0089",
            "tac": "35237081",
        }
    ],
    "models": [
        {
            "verdict": "confirm",
            "why": "one_read",
            "advice": "A2633, Apple iPhone 13: read once; confirm it",
            "source": "ocr",
            "agreeing": 1,
            "reads": [{"reader": "ocr", "scale": 0.5, "box": [500.0, 310.0, 210.0, 44.0]}],
            "crop": [474.0, 284.0, 262.0, 96.0],
            "crop_jpeg": "/9j/4AAQSkZJRg...",
            "kind": "a_number",
            "code": "A2633",
            "devices": ["Apple iPhone 13"],
            "storage_gb": None,
            "colour": None,
        }
    ],
    "device": None,
    "advice": "1 number was read",
}


@router.post(
    "/v1/identify",
    summary="Read the numbers and the model code of a phone from a photo",
    openapi_extra={"requestBody": identify_body()},
    responses={
        200: {
            "model": Identification,
            "description": "What the photo says; nothing is stored",
            "content": {JSON: {"example": IDENTIFY_EXAMPLE}},
        },
        **ERRORS,
    },
)
async def identify(request: Request, parts: PartsDep) -> Response:
    """Answer what `phonegrade identify --jsonl` prints for one photo; nothing of it is stored or logged.

    A number is `accepted` where every check holds and two reads agree; otherwise `crop_jpeg` and `last4` are for a
    person to compare.
    """
    accepted(request, (JSON,))
    refuse_unknown_query(request)
    refuse_compressed(request)
    parts.pool.refuse_when_full()
    rules = parts.form_rules(photos=INSPECT_PHOTO, photos_once=True)
    with parts.upload_room.taken() as take:
        form = await read_form(request.headers.get("content-type", ""), request.stream(), rules, _kept, take)
        photo = form.file("photo")
        if photo is None:
            raise UsageError("no photo was given; send one, such as curl -F photo=@screen.jpg")
        answer = await while_connected(request, read_identifiers(parts, photo.data))
    return Response(answer.model_dump_json(), headers=NO_STORE, media_type=JSON)


async def read_identifiers(parts: Parts, data: bytes, *, reserved: bool = False) -> Identification:
    """Return what a worker process reads in a photo's bytes; the process that answers HTTP decodes none."""
    return cast(Identification, await parts.pool.run(ReadIdentifiers(PHOTO_NAME), data, reserved=reserved))


async def _kept(file: FilePart, form: Form) -> None:
    """Wait for the rest."""
