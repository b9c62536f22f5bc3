"""What people have judged, as a labelled set: COCO of cases whose customers agreed to training."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from phonegrade.core.data_errors import NotFoundError
from phonegrade.core.errors import PhotoError
from phonegrade.core.inspection import Inspection, Point
from phonegrade.core.vocabulary import DefectKind
from phonegrade.inference.photo.header import orientation, read_header
from phonegrade.journeys.evidence_facts import Inspected, ReviewedDefect, StoredPhoto
from phonegrade.journeys.facts import CaseFacts
from phonegrade.store.blobs import Blobs
from phonegrade.store.cases import load_case
from phonegrade.store.fact_tables import BY_MODEL
from phonegrade.store.records import get_inspections
from phonegrade.store.tables import CASES

NO_DAMAGE = "no_damage"
"""The category of what a model reported and a person judged to be none."""
CATEGORIES: Mapping[str, int] = {
    name: number for number, name in enumerate((*(kind.value for kind in DefectKind), NO_DAMAGE), 1)
}
_JUDGED = BY_MODEL[ReviewedDefect].table
_TURNED = range(5, 9)


class JudgedPhoto(NamedTuple):
    """A photo, and what was judged on it; a later judgement of one detection replaces an earlier."""

    photo: StoredPhoto
    case: str
    defects: tuple[ReviewedDefect, ...]
    record: Inspection | None


class JudgedPage(NamedTuple):
    """Photos of some cases."""

    photos: tuple[JudgedPhoto, ...]
    next: str | None
    """The case after which to go on; None on the last page."""


def judged_photos(connection: Connection, tenant: str, after: str | None, limit: int) -> JudgedPage:
    """Return the judged photos of up to `limit` cases whose customers agree to training now, by case id."""
    live = select(CASES.c.id).where(
        CASES.c.tenant == _JUDGED.c.tenant, CASES.c.id == _JUDGED.c.case_id, CASES.c.forgotten_at.is_(None)
    )
    wanted = select(_JUDGED.c.case_id).where(_JUDGED.c.tenant == tenant, live.exists()).distinct()
    if after is not None:
        wanted = wanted.where(_JUDGED.c.case_id > after)
    case_ids = list(connection.execute(wanted.order_by(_JUDGED.c.case_id).limit(limit + 1)).scalars())
    photos: list[JudgedPhoto] = []
    for case_id in case_ids[:limit]:
        facts = load_case(connection, tenant, case_id).facts
        if "training" in facts.consent:
            photos += _of_case(connection, tenant, facts)
    return JudgedPage(tuple(photos), case_ids[limit - 1] if len(case_ids) > limit else None)


def coco_document(page: JudgedPage, blobs: Blobs, tenant: str, now: datetime) -> dict[str, Any]:
    """Return the photos as COCO; polygons are in pixels of the photo as a viewer shows it.

    A photo whose size cannot be read from its header, such as HEIC, is left out and counted in `info`.
    """
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for judged in page.photos:
        hw = _hw(blobs, tenant, judged.photo.sha256)
        if hw is None:
            continue
        number = len(images) + 1
        images.append(
            {
                "id": number,
                "file_name": judged.photo.id,
                "height": hw[0],
                "width": hw[1],
                "surface": judged.photo.surface,
                "sha256": judged.photo.sha256,
                "case": judged.case,
            }
        )
        shapes = ((one, _polygon(one, judged.record)) for one in judged.defects)
        annotations += [
            _annotation(one, polygon, number, len(annotations) + place)
            for place, (one, polygon) in enumerate(((one, shape) for one, shape in shapes if len(shape) >= 3), 1)
        ]
    info = {
        "description": "defects as people judged them",
        "date_created": now.isoformat(),
        "next": page.next,
        "photos_left_out": len(page.photos) - len(images),
    }
    categories = [{"id": number, "name": name} for name, number in CATEGORIES.items()]
    return {"info": info, "images": images, "annotations": annotations, "categories": categories}


def _of_case(connection: Connection, tenant: str, facts: CaseFacts) -> Iterable[JudgedPhoto]:
    photos = {one.sha256: one for one in facts.current(StoredPhoto) if one.state != "erased"}
    usable = {one.photo_sha256: one.fingerprint for one in facts.current(Inspected) if one.problem is None}
    records = get_inspections(connection, tenant, usable.items())
    last: dict[tuple[str, str], ReviewedDefect] = {}
    for one in facts.current(ReviewedDefect):
        last[one.photo_sha256, one.defect_id or one.id] = one
    for sha256, photo in sorted(photos.items()):
        defects = tuple(one for (of, _), one in last.items() if of == sha256)
        if defects:
            yield JudgedPhoto(photo, facts.case.id, defects, records.get(sha256))


def _polygon(one: ReviewedDefect, record: Inspection | None) -> tuple[Point, ...]:
    """Return what a person drew, or the detection's own outline."""
    if one.polygon or record is None:
        return one.polygon
    return next((defect.polygon for defect in record.defects if defect.id == one.defect_id), ())


def _annotation(one: ReviewedDefect, polygon: tuple[Point, ...], image: int, number: int) -> dict[str, Any]:
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    return {
        "id": number,
        "image_id": image,
        "category_id": CATEGORIES[NO_DAMAGE if one.kind is None else one.kind.value],
        "segmentation": [[value for point in polygon for value in point]],
        "area": _area(polygon),
        "bbox": [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)],
        "iscrowd": 0,
        "review": one.review,
        "defect_id": one.defect_id,
    }


def _area(polygon: tuple[Point, ...]) -> float:
    """Return the area by the shoelace formula, in square pixels."""
    pairs = zip(polygon, (*polygon[1:], polygon[0]), strict=True)
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs)) / 2


def _hw(blobs: Blobs, tenant: str, sha256: str) -> tuple[int, int] | None:
    """Return height and width of a stored photo as a viewer shows it."""
    try:
        header = read_header(blobs.get(tenant, sha256))
    except (NotFoundError, PhotoError):
        return None
    if header.hw is None:
        return None
    height, width = header.hw
    return (width, height) if orientation(header.exif) in _TURNED else (height, width)
