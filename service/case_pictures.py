"""The routes of pictures: a stored photo as it is or smaller, and an SVG of what it shows to lie on it."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection

from phonegrade.core.data_errors import NotFoundError
from phonegrade.inference.photo.header import PhotoFormat, read_header
from phonegrade.journeys.evidence import photo_state
from phonegrade.journeys.evidence_facts import Inspected, StoredPhoto
from phonegrade.journeys.facts import CaseFacts
from phonegrade.service.case_parts import Cases, CasesDep
from phonegrade.service.case_photos import PhotoId, load_photo
from phonegrade.service.case_route import CaseRoute
from phonegrade.service.examples import CASE_READ_ERRORS, ERRORS
from phonegrade.service.pictures import Width
from phonegrade.service.tasks import JPEG, SVG
from phonegrade.store.records import get_inspection

router = APIRouter(tags=["photos"], route_class=CaseRoute)
MEDIA: Mapping[PhotoFormat, str] = {
    PhotoFormat.JPEG: JPEG,
    PhotoFormat.PNG: "image/png",
    PhotoFormat.WEBP: "image/webp",
    PhotoFormat.HEIC: "image/heic",
}
_HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
_OVERLAY_HEADERS = {**_HEADERS, "Cache-Control": "private, no-cache"}
"""Another inspection may show something else."""


_ERRORS: dict[int | str, dict[str, Any]] = {**CASE_READ_ERRORS, 413: ERRORS[413], 415: ERRORS[415]}


@router.get(
    "/v1/photos/{photo_id}/image",
    summary="Get the picture itself",
    response_class=Response,
    responses={
        **_ERRORS,
        200: {"content": {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA.values()}},
    },
)
async def read_picture(
    photo_id: PhotoId,
    cases: CasesDep,
    w: Annotated[Width | None, Query(description="Width in pixels: the answer is then a JPEG, never enlarged.")] = None,
) -> Response:
    """Answer the stored file, which holds no metadata about people, or a smaller JPEG of it for a screen."""
    sha256 = (await cases.read(lambda connection: _there(connection, cases, photo_id)[0])).sha256
    if w is not None:
        return Response(await cases.parts.pictures.scaled(cases.tenant, sha256, w), headers=_HEADERS, media_type=JPEG)
    data = await run_in_threadpool(cases.store.blobs.get, cases.tenant, sha256)
    return Response(data, headers=_HEADERS, media_type=MEDIA[read_header(data).format])


@router.get(
    "/v1/photos/{photo_id}/overlay",
    summary="Get what a photo shows as an SVG",
    response_class=Response,
    responses={**_ERRORS, 200: {"content": {SVG: {"schema": {"type": "string"}}}}},
)
async def read_overlay(photo_id: PhotoId, cases: CasesDep) -> Response:
    """Answer the newest inspection's outline, dirt and defects as lines that lie on the upright picture at any size."""

    def newest(connection: Connection) -> tuple[Inspected, bytes]:
        photo, facts = _there(connection, cases, photo_id)
        answers = [one for one in facts.every(Inspected) if one.photo_sha256 == photo.sha256 and one.problem is None]
        known = None
        if answers:
            known = get_inspection(connection, cases.tenant, photo.sha256, answers[-1].fingerprint)
        if known is None:
            raise NotFoundError(f"photo {photo_id} has no inspection: it waits for one, or cannot be used")
        return answers[-1], known.model_dump_json().encode()

    one, record = await cases.read(newest)
    svg = await cases.parts.pictures.overlay(cases.tenant, one.photo_sha256, one.fingerprint, record)
    return Response(svg, headers=_OVERLAY_HEADERS, media_type=SVG)


def _there(connection: Connection, cases: Cases, photo_id: str) -> tuple[StoredPhoto, CaseFacts]:
    """Return a photo whose file is there, and the facts of its case. Raises NotFoundError."""
    photo, facts = load_photo(connection, cases, photo_id)
    if photo_state(photo, facts) == "erased":
        raise NotFoundError(f"photo {photo_id} was erased")
    return photo, facts
