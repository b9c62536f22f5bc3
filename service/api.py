"""The routes: read the parts, compute behind a slot, answer."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile

from phonegrade.assessment.assess import assess_photos
from phonegrade.assessment.assessment import Assessment
from phonegrade.assessment.choose_device import known_device
from phonegrade.assessment.request import DEFAULT_POLICY, reference_of, refuse_too_many
from phonegrade.configs.policy import shipped_policy
from phonegrade.core.errors import NotReadyError, PhonegradeError
from phonegrade.core.functional.report import load_functional
from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import Surface, View
from phonegrade.service.examples import ERRORS, GRADE_EXAMPLE, INSPECT_EXAMPLE, NOT_READY
from phonegrade.service.metrics import CONTENT_TYPE
from phonegrade.service.parts import PartsDep
from phonegrade.service.slot_route import SlotRoute
from phonegrade.service.uploads import check_parts, read_photo

router = APIRouter()
grading = APIRouter(route_class=SlotRoute)
GRADE_PHOTOS = tuple(surface.value for surface in Surface)
GRADE_ONCE = ("functional", "device", "size", "policy", "asset", "order")
INSPECT_PARTS = ("photo", "view", "device", "size", "min_confidence")

Shots = Annotated[
    list[UploadFile] | None, File(description="JPEG, PNG, WebP or HEIC; several shots are several parts of this name.")
]
DeviceName = Annotated[
    str | None, Form(description="Without it sizes are assumed.", examples=["Apple iPhone 13", "SAMSUNG Galaxy S21 5G"])
]
DeviceSize = Annotated[
    str | None,
    Form(description="Height, width and thickness in mm of a device that no name means.", examples=["152.8x72x8.5"]),
]


async def _grade_parts(request: Request) -> None:
    await check_parts(request, GRADE_ONCE, GRADE_PHOTOS)


async def _inspect_parts(request: Request) -> None:
    await check_parts(request, INSPECT_PARTS)


@grading.post(
    "/v1/grade",
    summary="Grade one device from its photos and functional tests",
    tags=["grading"],
    dependencies=[Depends(_grade_parts)],
    responses={200: {"model": Assessment, "content": {"application/json": {"example": GRADE_EXAMPLE}}}, **ERRORS},
)
async def grade(
    parts: PartsDep,
    front: Shots = None,
    back: Shots = None,
    left: Shots = None,
    right: Shots = None,
    top: Shots = None,
    bottom: Shots = None,
    functional: Annotated[UploadFile | None, File(description="Functional test results, JSON or YAML.")] = None,
    device: DeviceName = None,
    size: DeviceSize = None,
    policy: Annotated[str, Form(description="Name of a shipped policy.", examples=[DEFAULT_POLICY])] = DEFAULT_POLICY,
    asset: Annotated[str | None, Form(description="Asset id, IMEI or serial number; echoed.")] = None,
    order: Annotated[str | None, Form(description="Order, lot or case number; echoed.")] = None,
) -> Response:
    """Answers what `phonegrade grade --json` prints. A missing surface is answered as incomplete, not refused.

    Every mark that several shots of a surface show counts once; `shots` tells which were used, and where they disagree.
    """
    sent = zip(Surface, (front, back, left, right, top, bottom), strict=True)
    uploads = {surface: views for surface, views in sent if views}
    refuse_too_many({surface: len(views) for surface, views in uploads.items()}, parts.settings.max_photos)
    photos = {surface: [await read_photo(shot, surface) for shot in views] for surface, views in uploads.items()}
    reference = reference_of(asset, order)
    test_data = None if functional is None else await functional.read()
    test_name = "functional" if functional is None else functional.filename or "functional"

    def work() -> Assessment:
        rules = shipped_policy(policy)
        tests = None if test_data is None else load_functional(test_data, test_name)
        chosen = known_device(device, size, tests, parts.settings.own_devices)
        return chosen.told_in(assess_photos(photos, tests, chosen.device, rules, parts.inspector, reference))

    assessment = await parts.slots.run(work)
    parts.metrics.count_grade(assessment)
    return Response(assessment.model_dump_json(), media_type="application/json")


@grading.post(
    "/v1/inspect",
    summary="Find and measure the defects in one photo",
    tags=["grading"],
    dependencies=[Depends(_inspect_parts)],
    responses={200: {"model": Inspection, "content": {"application/json": {"example": INSPECT_EXAMPLE}}}, **ERRORS},
)
async def inspect(
    parts: PartsDep,
    photo: Annotated[UploadFile, File(description="JPEG, PNG, WebP or HEIC.")],
    view: Annotated[
        Literal["front", "back", "edge"] | None, Form(description="What it shows; without it the locator tells.")
    ] = None,
    device: DeviceName = None,
    size: DeviceSize = None,
    min_confidence: Annotated[float | None, Form(ge=0, le=1, description="Report defects from here on.")] = None,
) -> Response:
    """Answers what `phonegrade inspect --jsonl` prints for one photo."""
    file = await read_photo(photo)
    shown = None if view is None else View(view)

    def work() -> Inspection:
        known = known_device(device, size, None, parts.settings.own_devices).device
        return parts.inspector.inspect(file, view=shown, device=known, min_confidence=min_confidence)

    inspection = await parts.slots.run(work)
    return Response(inspection.model_dump_json(), media_type="application/json")


router.include_router(grading)


@router.get("/healthz", summary="The process lives", tags=["operation"])
async def healthz() -> dict[str, str]:
    """Says nothing of the models: that is /readyz."""
    return {"status": "alive"}


@router.get("/readyz", summary="A stored photo was inspected for real", tags=["operation"], responses={503: NOT_READY})
async def readyz(parts: PartsDep) -> dict[str, str]:
    """503 where the models are missing, or find no phone in the stored photo; the log has the reason."""
    try:
        await parts.probe.check(parts.inspector)
    except PhonegradeError as error:
        raise NotReadyError(str(error)) from error
    return {"status": "ready"}


@router.get("/metrics", summary="Figures for Prometheus", tags=["operation"], response_class=Response)
async def metrics(parts: PartsDep) -> Response:
    """Prometheus' text format."""
    return Response(parts.metrics.text(), media_type=CONTENT_TYPE)
