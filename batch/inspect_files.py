"""Inspects many photo files, here or in worker processes; the answers keep the order of the files."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from phonegrade.batch.worker_tasks import WORKER_DIED, in_order, inspector_of
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.errors import InputError
from phonegrade.core.inspection import Inspection
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import ONNX_RUNTIME, Runtime, Surface, View
from phonegrade.inference.overlay import overlay_jpeg


@dataclass(frozen=True)
class InspectSettings:
    """How every photo is read and inspected; passes through pickle."""

    read: Callable[[str], bytes]
    """A function of a module. Raises InputError for a file that cannot be read."""
    models: Path | None = None
    """Folder of the .onnx files; None: the shipped ones."""
    runtime: Runtime = ONNX_RUNTIME
    threads: int = 1
    """For one photo."""
    view: View | None = None
    """What every photo shows; None: `surface`, or else the locator, decides."""
    surface: Surface | None = None
    """The surface that every photo shows; an edge that is named is outlined by its known proportions."""
    device: Device | None = None
    min_confidence: float | None = None
    overlays: bool = False
    """Also draw each photo's defects."""


@dataclass(frozen=True)
class UnusablePhoto:
    """Why a photo could not be inspected."""

    code: str
    message: str


@dataclass(frozen=True)
class InspectedFile:
    """The answer for one photo file."""

    photo: str
    answer: Inspection | UnusablePhoto
    overlay: bytes | None = None
    """A JPEG of the photo with its defects drawn, where that was asked for."""


def inspect_files(
    photos: Sequence[str], settings: InspectSettings, workers: int
) -> Generator[InspectedFile, None, None]:
    """Yield the answer for every photo, in the order given, whatever the number of `workers`; one works here.

    A photo that cannot be used, or that ends its worker, is answered with the reason and stops no other. Raises
    SetupError where the models cannot be used.
    """
    work = partial(_inspected, settings)
    if workers > 1:
        yield from in_order(work, photos, workers, _worker_died)
    else:
        yield from map(work, photos)


def _inspected(settings: InspectSettings, photo: str) -> InspectedFile:
    inspector = inspector_of(settings.models, settings.threads, settings.runtime)
    try:
        file = PhotoFile(photo, settings.read(photo), settings.surface)
        inspection, decoded = inspector.inspect_decoded(
            file, view=settings.view, device=settings.device, min_confidence=settings.min_confidence
        )
    except InputError as error:
        return InspectedFile(photo, UnusablePhoto(error.code, str(error)))
    return InspectedFile(photo, inspection, overlay_jpeg(decoded, inspection) if settings.overlays else None)


def _worker_died(photo: str) -> InspectedFile:
    text = "the process that inspected this photo ended without an answer, perhaps for lack of memory"
    return InspectedFile(photo, UnusablePhoto(WORKER_DIED, text))
