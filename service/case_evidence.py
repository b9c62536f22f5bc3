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
    text = _corrected(record, facts).model_dump_json().encode()
    return StoredInspection(photo.surface, photo.id, photo.sha256, photo.size_bytes, text, likeness)


def _error_of(code: str) -> InputError:
    """Return the error that a photo's inspection ended with."""
    kinds: list[type[InputError]] = [InputError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    kind = next((one for one in kinds if one.code == code), InputError)
    return kind(f"the photo could not be used ({code.replace('_', ' ')}); take another")


def _corrected(record: Inspection, facts: CaseFacts) -> Inspection:
    """Return an inspection with its detections as persons have judged them last; drawn defects have no size yet."""
    judged = {one.defect_id: one for one in facts.current(ReviewedDefect) if one.photo_sha256 == record.photo_sha256}
    if not judged:
        return record
    defects: list[Defect] = []
    for defect in record.defects:
        one = judged.get(defect.id)
        if one is None:
            defects.append(defect)
        elif one.kind is not None:
            defects.append(defect.model_copy(update={"kind": one.kind, "confidence": 1.0}))
    return record.model_copy(update={"defects": tuple(defects)})
