"""A stored phone with everything that a passport shows: graded in the app and in the warehouse, erased, paid."""

import io
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from sqlalchemy import Connection

import phonegrade
from phonegrade.assessment.assessment import Assessment, DeviceUsed, PhotoUsed, Versions
from phonegrade.core.functional.report import FunctionalReport, TestResult
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.explain.comparison import Source
from phonegrade.journeys.evidence_facts import AssessmentRevision, StoredPhoto
from phonegrade.journeys.facts import AnyFact
from phonegrade.store.blobs import put_photo
from phonegrade.store.cases import add_facts, open_case
from phonegrade.store.records import put_assessment
from phonegrade.store.store import Store
from phonegrade.tests.grading.builders import MODEL, defect, inspection, phone
from phonegrade.tests.journeys import builders
from phonegrade.tests.store.example import ASSET, CASE, NOW, NUMBER, TENANT, example_case

SAMPLES = Path(phonegrade.__file__).parent / "samples"
OPERATOR, PLACE, LOCK_SERVICE = "op-7", "main-street-12", "lock-desk-anna"
SECRETS = (OPERATOR, "op-9", PLACE, LOCK_SERVICE, "customer-4711", "order-1", "key-1", "bathtub", NUMBER)
"""What facts hold and a passport must not."""
_SCRATCH = ((700.0, 900.0), (720.0, 880.0), (1500.0, 1500.0), (1480.0, 1520.0))


def add_sold_phone(store: Store, tenant: str = TENANT) -> str:
    """Store the phone, its pictures and both records; return its id."""
    photos = [_photo(store, tenant, surface) for surface in Surface]
    again = [_photo(store, tenant, surface, at=22) for surface in (Surface.FRONT,)]
    failed = builders.all_pass(loudspeaker=TestResult.FAIL)
    with store.database.write() as connection:
        open_case(connection, tenant, example_case(), NOW)
        first = _graded(connection, tenant, 1, "app", photos)
        second = _graded(connection, tenant, 2, "warehouse", [*photos[1:], *again], failed)
        hashed = store.vault.hashed(tenant, NUMBER)
        offer = builders.quote(second, 35)
        number = builders.identifier(hashed.hmac).model_copy(update={"last4": hashed.last4})
        visits = (builders.visit("app"), builders.visit("store", 12), builders.visit("warehouse", 20))
        facts: tuple[AnyFact, ...] = (
            *(one.model_copy(update={"site": PLACE, "operator": OPERATOR}) for one in visits),
            builders.asset(),
            number,
            builders.diagnosed(),
            builders.diagnosed(failed, 21, 33, "warehouse"),
            *photos,
            *again,
            *map(builders.inspected, [*photos, *again]),
            builders.lock_check(8).model_copy(update={"source": LOCK_SERVICE}),
            first,
            second,
            offer,
            builders.answered(offer),
            builders.moved("ours", 50, 61).model_copy(update={"site": PLACE}),
            builders.certificate(hmac=hashed.hmac, location=PLACE),
            builders.paid(offer),
        )
        add_facts(connection, store.vault, tenant, CASE, facts, NOW)
    return ASSET


def _photo(store: Store, tenant: str, surface: Surface, at: float = 5) -> StoredPhoto:
    data = (SAMPLES / f"{surface.value}.jpg").read_bytes()
    if (surface, at) == (Surface.FRONT, 5):
        data = _half(data)  # the app's camera was the weaker one
    sha256 = put_photo(store.blobs, tenant, data).sha256
    number = None if at == 5 else 140 + list(Surface).index(surface)
    on = "app" if at == 5 else "warehouse"
    return builders.photo(surface, at, number, on).model_copy(update={"sha256": sha256})  # type: ignore[arg-type]


def _half(data: bytes) -> bytes:
    whole = Image.open(io.BytesIO(data))
    written = io.BytesIO()
    whole.resize((whole.width // 2, whole.height // 2)).save(written, "JPEG", quality=85)
    return written.getvalue()


def _graded(
    connection: Connection,
    tenant: str,
    number: int,
    source: Source,
    photos: list[StoredPhoto],
    report: FunctionalReport | None = None,
) -> AssessmentRevision:
    scratch: Defect = defect("front-1", length_mm=24.1, area_mm2=9.0).model_copy(update={"polygon": _SCRATCH})
    inspections: dict[Surface, Inspection] = phone()
    if report is not None:
        inspections[Surface.FRONT] = inspection(Surface.FRONT, (scratch,))
    revision = builders.assessment(number, 10 if number == 1 else 25, source, inspections, report)
    record = Assessment(
        decision=revision.decision,
        device=DeviceUsed(name="Apple iPhone 13", assumed=False, height_mm=146.7, width_mm=71.5, depth_mm=7.65),
        flags=(),
        inspections=inspections,
        photos={
            one.surface: PhotoUsed(file=one.id, sha256=one.sha256, size_bytes=one.size_bytes)
            for one in photos
            if one.surface is not None
        },
        functional=revision.functional,
        versions=Versions(phonegrade=phonegrade.__version__, models=MODEL, policy=revision.decision.policy),
    )
    named = {one.surface: one.sha256 for one in photos if one.surface is not None}
    at = put_assessment(connection, tenant, record, datetime.now(UTC))
    return revision.model_copy(update={"photos": named, "record_sha256": at})
