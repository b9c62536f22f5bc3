"""What a worker process does: inspect one photo, or grade a device whose photos were inspected."""

import json
import logging
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, assert_never

from phonegrade.assessment.assess import assess_inspected, listed_from
from phonegrade.assessment.assessment import PHOTO_BY_PHOTO, Assessment
from phonegrade.assessment.duplicates import Likeness
from phonegrade.assessment.inspect_photos import InspectedPhoto, flag_alike, flag_near, inspect_photo
from phonegrade.core.errors import InputError, PhonegradeError, PhotoCrashedDecoderError, SetupError
from phonegrade.core.functional.diagnostics import import_diagnostics
from phonegrade.core.functional.report import load_functional
from phonegrade.core.inspection import Inspection
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.inspector import SHIPPED, DrawnOutline, Inspector
from phonegrade.inference.overlay import overlay_jpeg, scaled_jpeg
from phonegrade.inference.overlay_svg import overlay_svg
from phonegrade.inference.photo.decode import decode
from phonegrade.inference.signature import Signature, check_signature
from phonegrade.recognition.identification import Identification
from phonegrade.service.tasks import (
    HTML,
    JPEG,
    JSON,
    SVG,
    Body,
    DescribeModels,
    DrawOverlay,
    FailedPhoto,
    GradeDevice,
    ImportTests,
    InspectedSurface,
    InspectPhoto,
    InspectSurface,
    MeasureOutlines,
    ReadIdentifiers,
    ReadTests,
    Result,
    ScalePhoto,
    StoredInspection,
    Task,
    WorkerSetup,
)

if TYPE_CHECKING:
    from phonegrade.recognition.readers import PrintReader

log = logging.getLogger(__name__)


class Worker:
    """Does one task after another with the models that it loaded."""

    def __init__(
        self, inspector: Inspector, signature: Signature | None, threads: int = 1, read_print: bool = True
    ) -> None:
        self._inspector = inspector
        self._signature = signature
        self._threads, self._read_print = threads, read_print
        self._print_reader: PrintReader | None = None

    def __call__(self, task: Task, data: bytes) -> Result:
        """Return the answer. Raises InputError for what cannot be used."""
        match task:
            case InspectPhoto():
                with _blamed_on_the_photo():
                    return self._inspect(task, data)
            case InspectSurface():
                photo = PhotoFile(task.name, data, task.surface)
                with _blamed_on_the_photo():
                    return _packed(inspect_photo(photo, task.device, self._inspector, listed_from(task.policy)))
            case ReadIdentifiers():
                with _blamed_on_the_photo():
                    return self._read_identifiers(task, data)
            case ReadTests():
                return load_functional(data, task.name)
            case ImportTests():
                return import_diagnostics(data, task.name)
            case ScalePhoto():
                with _blamed_on_the_photo():
                    return Body(JPEG, scaled_jpeg(data, task.width_px))
            case DrawOverlay():
                with _blamed_on_the_photo():
                    record = Inspection.model_validate_json(task.record)
                    return Body(SVG, overlay_svg(decode(data).full_hw, record).encode())
            case GradeDevice():
                return _grade(task, data)
            case MeasureOutlines():
                with _blamed_on_the_photo():
                    return self._measure(task, data)
            case DescribeModels():
                return Body(JSON, json.dumps(self._models()).encode("utf-8"))
            case _:
                assert_never(task)

    def _inspect(self, task: InspectPhoto, data: bytes) -> Body:
        photo = PhotoFile(task.name, data, task.surface)
        inspection, decoded = self._inspector.inspect_decoded(
            photo, view=task.view, device=task.device, min_confidence=task.min_confidence
        )
        if task.overlay:
            return Body(JPEG, overlay_jpeg(decoded, inspection))
        return Body(JSON, inspection.model_dump_json().encode("utf-8"))

    def _read_identifiers(self, task: ReadIdentifiers, data: bytes) -> Identification:
        from phonegrade.recognition.identify import identify  # few services are asked for it
        from phonegrade.recognition.readers import PrintReader, print_available

        if self._print_reader is None and self._read_print and print_available():
            self._print_reader = PrintReader(self._threads)
        return identify(PhotoFile(task.name, data), self._print_reader)

    def _measure(self, task: MeasureOutlines, data: bytes) -> Body:
        outlines = [DrawnOutline(*one) for one in task.outlines]
        defects = self._inspector.measure_outlines(PhotoFile(task.photo, data, task.surface), outlines, task.device)
        return Body(JSON, b"[" + b",".join(one.model_dump_json().encode("utf-8") for one in defects) + b"]")

    def _models(self) -> dict[str, object]:
        signature = self._signature
        return {
            "signed_with": None if signature is None else signature.key,
            "models": {
                name: {"sha256": model.sha256, "card": model.card.model_dump(mode="json")}
                for name, model in self._inspector.models.items()
            },
        }


@contextmanager
def _blamed_on_the_photo() -> Iterator[None]:
    """Turn what no decoder should raise into a photo's error: mistakes here come from files that nobody foresaw."""
    try:
        yield
    except (PhonegradeError, MemoryError):
        raise
    except Exception as error:
        log.exception("unforeseen error while a photo was inspected")
        raise PhotoCrashedDecoderError("the photo cannot be decoded; save it again as a plain JPEG") from error


def _packed(photo: InspectedPhoto) -> InspectedSurface:
    answer = photo.answer
    event: dict[str, object] = {"surface": photo.surface, "file": photo.file, "inspection": None, "error": None}
    if isinstance(answer, Inspection):
        event["inspection"] = answer.model_dump(mode="json")
    else:
        event["error"] = {"code": answer.code, "message": str(answer)}
    likeness = None if photo.likeness is None else photo.likeness.packed()
    return InspectedSurface(pickle.dumps(photo), json.dumps(event).encode("utf-8"), likeness)


def _opened(photo: bytes | FailedPhoto | StoredInspection) -> InspectedPhoto:
    if isinstance(photo, StoredInspection):
        record = Inspection.model_validate_json(photo.record)
        return InspectedPhoto(photo.surface, photo.file, photo.sha256, photo.size_bytes, record, _likeness(photo))
    if isinstance(photo, FailedPhoto):
        return InspectedPhoto(photo.surface, photo.file, photo.sha256, photo.size_bytes, photo.error, None)
    opened: InspectedPhoto = pickle.loads(photo)  # noqa: S301 - of our own worker, never of a caller
    return opened


def _likeness(photo: StoredInspection) -> Likeness | None:
    return None if photo.likeness is None else Likeness.unpacked(photo.likeness)


def _grade(task: GradeDevice, data: bytes) -> Body:
    inspected = [_opened(photo) for photo in task.inspected]
    # a stored photo stays, so that its double is flagged: refusing it would hold up the case for good
    are_stored = any(isinstance(photo, StoredInspection) for photo in task.inspected)
    flags = flag_near(inspected) if are_stored else flag_alike(inspected)
    assessment = task.chosen.add_flags_to(
        assess_inspected(inspected, flags, task.functional, task.chosen.device, task.policy, task.reference)
    )
    outcome = assessment.decision.grade or assessment.decision.status
    page = _page(assessment, inspected, task, data) if task.page or task.report else ""
    if task.page:
        return Body(HTML, page.encode("utf-8"), outcome)
    left_out = set(PHOTO_BY_PHOTO) if task.brief else None
    if not task.report:
        return Body(JSON, assessment.model_dump_json(exclude=left_out).encode("utf-8"), outcome)
    answer = {**assessment.model_dump(mode="json", exclude=left_out), "report": page}
    return Body(JSON, json.dumps(answer, ensure_ascii=False).encode("utf-8"), outcome)


def _page(assessment: Assessment, inspected: Sequence[InspectedPhoto], task: GradeDevice, data: bytes) -> str:
    from phonegrade.assessment.report import render_report  # few answers need it

    photos: dict[Surface, list[PhotoFile]] = {}
    start = 0
    for photo, size_bytes in zip(inspected, task.photo_bytes, strict=True):
        file = PhotoFile(photo.file, data[start : start + size_bytes], photo.surface)
        photos.setdefault(photo.surface, []).append(file)
        start += size_bytes
    return render_report(assessment, photos, task.policy, task.answered_at)


def load_worker(setup: WorkerSetup) -> Worker:
    """Open the models and inspect a stored photo with them. Raises SetupError where either does not work."""
    import cv2

    cv2.setNumThreads(setup.threads)  # it, too, would take every core of the host
    folder = setup.models_dir or SHIPPED
    signature = check_signature(folder, setup.trusted_keys) if setup.trusted_keys else None
    inspector = Inspector.load(setup.models_dir, setup.threads, runtime=setup.runtime)
    photo = setup.ready_photo or SHIPPED.parents[1] / "samples" / "front.jpg"
    try:
        stored = PhotoFile(photo.name, photo.read_bytes(), Surface.FRONT)
    except OSError as error:
        raise SetupError(f"the stored photo {photo} cannot be read ({error.strerror})") from error
    try:
        outline = inspector.inspect(stored).outline
    except InputError as error:
        raise SetupError(f"the stored photo {photo} cannot be inspected: {error}") from error
    if outline is None:
        raise SetupError(f"no phone was found in the stored photo {photo.name}; the models do not work")
    return Worker(inspector, signature, setup.threads, setup.read_print)
