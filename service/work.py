"""What a worker process does: inspect one photo, or grade a device whose photos were inspected."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, assert_never

from phonegrade.assessment.assess import assess_inspected
from phonegrade.assessment.assessment import Assessment
from phonegrade.assessment.choose_device import ChosenDevice
from phonegrade.assessment.inspect_photos import InspectedPhoto, PhotoAnswer, inspect_photo
from phonegrade.assessment.request import Reference
from phonegrade.configs.policy import Policy
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.errors import InputError, SetupError
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Inspection, ModelRef
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface, View
from phonegrade.grading.decision import Flag
from phonegrade.inference.inspector import SHIPPED, Inspector
from phonegrade.inference.signature import check_signature


@dataclass(frozen=True)
class InspectPhoto:
    """Inspect the photo whose bytes come along, for itself."""

    name: str
    view: View | None
    device: Device | None
    min_confidence: float | None


@dataclass(frozen=True)
class InspectSurface:
    """Inspect the photo whose bytes come along, as one surface of a device to grade."""

    name: str
    surface: Surface
    device: Device | None
    min_confidence: float


@dataclass(frozen=True)
class GradeDevice:
    """Grade a device of which every photo was inspected."""

    inspected: Sequence[InspectedPhoto]
    flags: tuple[Flag, ...]
    functional: FunctionalReport | None
    chosen: ChosenDevice
    policy: Policy
    reference: Reference | None


@dataclass(frozen=True)
class DescribeModels:
    """Say which models are loaded."""


Work = InspectPhoto | InspectSurface | GradeDevice | DescribeModels
Result = Inspection | PhotoAnswer | Assessment | ModelRef


class WorkerSetup(NamedTuple):
    """What every worker loads."""

    models_dir: Path | None
    threads: int
    trusted_keys: tuple[str, ...] | None
    """Public keys that models must be signed with; None: unsigned ones will do."""
    ready_photo: Path | None
    """Inspected once before a worker is ready; None: the packaged sample's front."""


class Worker:
    """Does one piece of work after another with the models that it loaded."""

    def __init__(self, inspector: Inspector) -> None:
        self._inspector = inspector

    def __call__(self, work: Work, data: bytes) -> Result:
        """Return the answer. Raises InputError for a photo that cannot be inspected."""
        match work:
            case InspectPhoto():
                return self._inspect(work, data)
            case InspectSurface():
                photo = PhotoFile(work.name, data, work.surface)
                inspected = inspect_photo(photo, work.device, self._inspector, work.min_confidence)
                return PhotoAnswer(_light(inspected.answer), inspected.thumbnail)
            case GradeDevice():
                assessment = assess_inspected(
                    work.inspected, work.flags, work.functional, work.chosen.device, work.policy, work.reference
                )
                return work.chosen.add_flags_to(assessment)
            case DescribeModels():
                return self._inspector.model_ref
            case _:
                assert_never(work)

    def _inspect(self, work: InspectPhoto, data: bytes) -> Inspection:
        photo = PhotoFile(work.name, data)
        try:
            return self._inspector.inspect(
                photo, view=work.view, device=work.device, min_confidence=work.min_confidence
            )
        except InputError as error:
            _light(error)
            raise


def load_worker(setup: WorkerSetup) -> Worker:
    """Open the models and inspect a stored photo with them. Raises SetupError where either does not work."""
    import cv2

    cv2.setNumThreads(setup.threads)
    if setup.trusted_keys is not None:
        check_signature(setup.models_dir or SHIPPED, setup.trusted_keys)
    inspector = Inspector.load(setup.models_dir, setup.threads)
    photo = setup.ready_photo or SHIPPED.parents[1] / "samples" / "front.jpg"
    try:
        stored = PhotoFile(photo.name, photo.read_bytes(), Surface.FRONT)
    except OSError as error:
        raise SetupError(f"the stored photo {photo} cannot be read ({error.strerror})") from error
    if inspector.inspect(stored).outline is None:
        raise SetupError(f"no phone was found in the stored photo {photo.name}; the models do not work")
    return Worker(inspector)


def loading(setup: WorkerSetup) -> "partial[Worker]":
    """Return what a worker process calls to load."""
    return partial(load_worker, setup)


def _light(answer: Inspection | InputError) -> Inspection | InputError:
    """Return an error without the photo's bytes, which its reader has already."""
    if isinstance(answer, InputError):
        answer.photo = None
        answer.__traceback__ = None
        answer.__cause__ = answer.__context__ = None
    return answer
