"""What a case's photos bring to its assessment: their stored inspections, as persons have judged them since."""

from phonegrade.core.errors import InputError
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.journeys.evidence_facts import Inspected, ReviewedDefect, StoredPhoto
from phonegrade.journeys.facts import CaseFacts
from phonegrade.service.tasks import FailedPhoto, StoredInspection


def as_graded(
    photo: StoredPhoto, answer: Inspected, record: Inspection | None, facts: CaseFacts, likeness: bytes | None
) -> StoredInspection | FailedPhoto:
    """Return a photo as a worker grades it."""
    if photo.surface is None:
        raise ValueError(f"photo {photo.id} is of no surface")
    if answer.problem is not None or record is None:
        error = _error_of(answer.problem or "bad_photo")
        return FailedPhoto(photo.surface, photo.id, photo.sha256, photo.size_bytes, error)
    text = corrected(record, facts).model_dump_json().encode()
    return StoredInspection(photo.surface, photo.id, photo.sha256, photo.size_bytes, text, likeness)


def _error_of(code: str) -> InputError:
    """Return the error that a photo's inspection ended with."""
    kinds: list[type[InputError]] = [InputError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    kind = next((one for one in kinds if one.code == code), InputError)
    return kind(f"the photo could not be used ({code.replace('_', ' ')}); take another")


def corrected(record: Inspection, facts: CaseFacts) -> Inspection:
    """Return an inspection with its defects as persons have judged them last, those that they drew included."""
    judged = [one for one in facts.current(ReviewedDefect) if one.photo_sha256 == record.photo_sha256]
    if not judged:
        return record
    defects = {defect.id: defect for defect in record.defects}
    drawn = 0
    for one in judged:
        if one.defect_id is None:
            drawn += 1
        name = one.defect_id or f"{one.surface}-drawn-{drawn}"
        before = defects.pop(name, None)
        if one.kind is not None and (before or one.measured) is not None:
            defects[name] = _as_judged(name, one, before)
    return record.model_copy(update={"defects": tuple(defects.values())})


def _as_judged(name: str, judged: ReviewedDefect, before: Defect | None) -> Defect:
    """Return a defect of the kind, and with the outline and sizes, that a person gave it; nobody doubts it further."""
    changed: dict[str, object] = {"id": name, "kind": judged.kind, "confidence": 1.0}
    measured = judged.measured or before
    if measured is None:
        raise ValueError(f"{name} was neither detected nor measured")
    if not judged.polygon and before is not None:
        changed["polygon"] = before.polygon
    return measured.model_copy(update=changed)
